# The app registration of defender-siem in the tenant contoso (51515151-0000-4000-8000-7e4a4700c0de, application 22222222-0000-4000-8000-000000000002).
# Apply it as an administrator who may register applications and consent to permissions of Microsoft Graph
# (Privileged Role Administrator), or as an application with Application.ReadWrite.All and
# AppRoleAssignment.ReadWrite.All.
# It holds only what the application lacks. What is there stays outside of the state.

terraform {
  required_version = ">= 1.5"

  required_providers {
    azuread = {
      source  = "hashicorp/azuread"
      version = "~> 3.0"
    }
  }
}

provider "azuread" {
  tenant_id   = "51515151-0000-4000-8000-7e4a4700c0de"
  environment = "global"
}

# Microsoft Graph, which the whole tenant shares: before terraform destroy, terraform state rm it
resource "azuread_service_principal" "graph" {
  client_id    = "00000003-0000-0000-c000-000000000000"
  use_existing = true

  lifecycle {
    prevent_destroy = true
  }
}

# WindowsDefenderATP, which the whole tenant shares: before terraform destroy, terraform state rm it
resource "azuread_service_principal" "defender" {
  client_id    = "fc780465-2017-40d4-a0c5-307022471b92"
  use_existing = true

  lifecycle {
    prevent_destroy = true
  }
}

# Microsoft Threat Protection, which the whole tenant shares: before terraform destroy, terraform state rm it
resource "azuread_service_principal" "xdr" {
  client_id    = "8ee8fdad-f234-4243-8f3b-15c294843740"
  use_existing = true

  lifecycle {
    prevent_destroy = true
  }
}

data "azuread_application" "connector" {
  client_id = "22222222-0000-4000-8000-000000000002"
}

# Where the application asks for permissions of this resource already, take that over first:
# terraform import azuread_application_api_access.graph /applications/33333333-0000-4000-8000-000000000003/apiAccess/00000003-0000-0000-c000-000000000000
resource "azuread_application_api_access" "graph" {
  application_id = data.azuread_application.connector.id
  api_client_id  = azuread_service_principal.graph.client_id
  role_ids = [
    azuread_service_principal.graph.app_role_ids["SecurityAlert.Read.All"],
    azuread_service_principal.graph.app_role_ids["SecurityIncident.Read.All"],
  ]
}

# Where the application asks for permissions of this resource already, take that over first:
# terraform import azuread_application_api_access.defender /applications/33333333-0000-4000-8000-000000000003/apiAccess/fc780465-2017-40d4-a0c5-307022471b92
resource "azuread_application_api_access" "defender" {
  application_id = data.azuread_application.connector.id
  api_client_id  = azuread_service_principal.defender.client_id
  role_ids = [
    azuread_service_principal.defender.app_role_ids["Alert.Read.All"],
  ]
}

resource "azuread_application_fallback_public_client" "connector" {
  application_id = data.azuread_application.connector.id
  enabled        = true
}

# To be done elsewhere: allowing the tenants of customers to use the application, which is there already.
# Terraform changes and removes only what is in its state; the same plan with --print azure-cli or graph does it.

resource "azuread_service_principal" "connector" {
  client_id       = data.azuread_application.connector.client_id
  account_enabled = true
  use_existing    = true
}

# To be done elsewhere: removing the certificate CN=old.
# Terraform changes and removes only what is in its state; the same plan with --print azure-cli or graph does it.

# To be done elsewhere: removing the client secret old.
# Terraform changes and removes only what is in its state; the same plan with --print azure-cli or graph does it.

# To be done elsewhere: removing the federated credential it's-old.
# Terraform changes and removes only what is in its state; the same plan with --print azure-cli or graph does it.

# Made with its key where the connector runs, in a file that only the connector can read; only the certificate comes here:
# (umask 077; openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days 90 -subj /CN=defender-siem -keyout app.key -out app.crt && cat app.crt app.key > app.pem && rm app.key)
variable "certificate_file" {
  description = "PEM file of the connector's certificate, without its key."
  type        = string
  default     = "app.crt"
}

resource "azuread_application_certificate" "connector" {
  application_id = data.azuread_application.connector.id
  type           = "AsymmetricX509Cert"
  encoding       = "pem"
  value          = file(var.certificate_file)
}

# It may renew its own credential.
resource "azuread_application_owner" "itself" {
  application_id  = data.azuread_application.connector.id
  owner_object_id = azuread_service_principal.connector.object_id
}

resource "azuread_app_role_assignment" "xdr_incident_read_all" { # for source incident
  app_role_id         = azuread_service_principal.xdr.app_role_ids["Incident.Read.All"]
  principal_object_id = azuread_service_principal.connector.object_id
  resource_object_id  = azuread_service_principal.xdr.object_id
}

# To be done elsewhere: taking back Alert.ReadWrite.All, which nothing needs.
# Terraform changes and removes only what is in its state; the same plan with --print azure-cli or graph does it.

# To be done elsewhere: taking back 88888888-0000-4000-8000-000000000008, which nothing needs.
# Terraform changes and removes only what is in its state; the same plan with --print azure-cli or graph does it.
