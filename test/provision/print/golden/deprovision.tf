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

data "azuread_application" "connector" {
  client_id = "22222222-0000-4000-8000-000000000002"
}

data "azuread_service_principal" "connector" {
  client_id = "22222222-0000-4000-8000-000000000002"
}

# To be done elsewhere: deleting the service principal of the application.
# Terraform changes and removes only what is in its state; the same plan with --print azure-cli or graph does it.

# To be done elsewhere: deleting the app registration.
# Terraform changes and removes only what is in its state; the same plan with --print azure-cli or graph does it.
