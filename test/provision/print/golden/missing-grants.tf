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

data "azuread_application" "connector" {
  client_id = "22222222-0000-4000-8000-000000000002"
}

data "azuread_service_principal" "connector" {
  client_id = "22222222-0000-4000-8000-000000000002"
}

resource "azuread_app_role_assignment" "graph_securityincident_read_all" { # for source securityincident
  app_role_id         = azuread_service_principal.graph.app_role_ids["SecurityIncident.Read.All"]
  principal_object_id = data.azuread_service_principal.connector.object_id
  resource_object_id  = azuread_service_principal.graph.object_id
}

resource "azuread_app_role_assignment" "defender_alert_read_all" { # for source alert
  app_role_id         = azuread_service_principal.defender.app_role_ids["Alert.Read.All"]
  principal_object_id = data.azuread_service_principal.connector.object_id
  resource_object_id  = azuread_service_principal.defender.object_id
}
