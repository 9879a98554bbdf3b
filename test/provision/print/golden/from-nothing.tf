# The app registration of defender-siem in the tenant contoso (51515151-0000-4000-8000-7e4a4700c0de).
# Apply it as an administrator who may register applications and consent to permissions of Microsoft Graph
# (Privileged Role Administrator), or as an application with Application.ReadWrite.All and
# AppRoleAssignment.ReadWrite.All.

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

resource "azuread_application" "connector" {
  display_name                   = "defender-siem"
  sign_in_audience               = "AzureADMyOrg"
  tags                           = ["defender-siem", "defender-siem:default"]
  fallback_public_client_enabled = false

  required_resource_access {
    resource_app_id = azuread_service_principal.graph.client_id

    resource_access { # for source securityalert
      id   = azuread_service_principal.graph.app_role_ids["SecurityAlert.Read.All"]
      type = "Role"
    }

    resource_access { # for source securityincident
      id   = azuread_service_principal.graph.app_role_ids["SecurityIncident.Read.All"]
      type = "Role"
    }
  }

  required_resource_access {
    resource_app_id = azuread_service_principal.defender.client_id

    resource_access { # for source alert
      id   = azuread_service_principal.defender.app_role_ids["Alert.Read.All"]
      type = "Role"
    }
  }
}

resource "azuread_service_principal" "connector" {
  client_id       = azuread_application.connector.client_id
  account_enabled = true
}

# Made with its key where the connector runs, in a file that only the connector can read; only the certificate comes here:
# (umask 077; openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days 365 -subj /CN=defender-siem -keyout app.key -out app.crt && cat app.crt app.key > app.pem && rm app.key)
variable "certificate_file" {
  description = "PEM file of the connector's certificate, without its key."
  type        = string
  default     = "app.crt"
}

resource "azuread_application_certificate" "connector" {
  application_id = azuread_application.connector.id
  type           = "AsymmetricX509Cert"
  encoding       = "pem"
  value          = file(var.certificate_file)
}

resource "azuread_app_role_assignment" "graph_securityalert_read_all" { # for source securityalert
  app_role_id         = azuread_service_principal.graph.app_role_ids["SecurityAlert.Read.All"]
  principal_object_id = azuread_service_principal.connector.object_id
  resource_object_id  = azuread_service_principal.graph.object_id
}

resource "azuread_app_role_assignment" "graph_securityincident_read_all" { # for source securityincident
  app_role_id         = azuread_service_principal.graph.app_role_ids["SecurityIncident.Read.All"]
  principal_object_id = azuread_service_principal.connector.object_id
  resource_object_id  = azuread_service_principal.graph.object_id
}

resource "azuread_app_role_assignment" "defender_alert_read_all" { # for source alert
  app_role_id         = azuread_service_principal.defender.app_role_ids["Alert.Read.All"]
  principal_object_id = azuread_service_principal.connector.object_id
  resource_object_id  = azuread_service_principal.defender.object_id
}

# auth.clientId of the connector
output "client_id" {
  value = azuread_application.connector.client_id
}
