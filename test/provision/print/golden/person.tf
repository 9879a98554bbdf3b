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
  fallback_public_client_enabled = true

  required_resource_access {
    resource_app_id = azuread_service_principal.graph.client_id

    resource_access { # for source securityalert
      id   = azuread_service_principal.graph.oauth2_permission_scope_ids["SecurityAlert.Read.All"]
      type = "Scope"
    }
  }

  required_resource_access {
    resource_app_id = azuread_service_principal.defender.client_id

    resource_access { # for source alert
      id   = azuread_service_principal.defender.oauth2_permission_scope_ids["Alert.Read"]
      type = "Scope"
    }
  }
}

resource "azuread_service_principal" "connector" {
  client_id       = azuread_application.connector.client_id
  account_enabled = true
}

resource "azuread_service_principal_delegated_permission_grant" "graph" {
  service_principal_object_id          = azuread_service_principal.connector.object_id
  resource_service_principal_object_id = azuread_service_principal.graph.object_id
  claim_values                         = ["SecurityAlert.Read.All"]
}

resource "azuread_service_principal_delegated_permission_grant" "defender" {
  service_principal_object_id          = azuread_service_principal.connector.object_id
  resource_service_principal_object_id = azuread_service_principal.defender.object_id
  claim_values                         = ["Alert.Read"]
}

# auth.clientId of the connector
output "client_id" {
  value = azuread_application.connector.client_id
}
