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
  sign_in_audience               = "AzureADMultipleOrgs"
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

  # azuread_application_owner.itself adds one
  lifecycle {
    ignore_changes = [owners]
  }
}

resource "azuread_service_principal" "connector" {
  client_id       = azuread_application.connector.client_id
  account_enabled = true
}

# The secret stands in Terraform's state: keep the state where only administrators can read it, or use a certificate.
resource "azuread_application_password" "connector" {
  application_id = azuread_application.connector.id
  display_name   = "defender-siem 2026-11-02"
  end_date       = "2027-05-01T12:00:00Z"
}

# terraform output -raw client_secret, into the file that auth.clientSecret of the connector names
output "client_secret" {
  value     = azuread_application_password.connector.value
  sensitive = true
}

# It may renew its own credential.
resource "azuread_application_owner" "itself" {
  application_id  = azuread_application.connector.id
  owner_object_id = azuread_service_principal.connector.object_id
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
