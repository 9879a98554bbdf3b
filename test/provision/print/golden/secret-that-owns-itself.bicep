// The app registration of defender-siem in the tenant contoso (51515151-0000-4000-8000-7e4a4700c0de).
// bicepconfig.json beside this file names the Microsoft Graph extension, v1.0, as microsoftGraphV1 under
// "extensions" (learn.microsoft.com/graph/templates/bicep). Deploy it into any resource group or subscription of
// this tenant, as an administrator who may register applications and consent to permissions of Microsoft Graph
// (Privileged Role Administrator).

extension microsoftGraphV1

// Microsoft Graph
// Where the tenant has it not yet: az ad sp create --id 00000003-0000-0000-c000-000000000000
resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '00000003-0000-0000-c000-000000000000'
}

// WindowsDefenderATP
// Where the tenant has it not yet: az ad sp create --id fc780465-2017-40d4-a0c5-307022471b92
resource defender 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: 'fc780465-2017-40d4-a0c5-307022471b92'
}

resource connector 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'defender-siem:default'
  displayName: 'defender-siem'
  signInAudience: 'AzureADMultipleOrgs'
  tags: [
    'defender-siem'
    'defender-siem:default'
  ]
  requiredResourceAccess: [
    {
      resourceAppId: graph.appId
      resourceAccess: [
        { // for source securityalert
          id: filter(graph.appRoles, offered => offered.value == 'SecurityAlert.Read.All')[0].id
          type: 'Role'
        }
        { // for source securityincident
          id: filter(graph.appRoles, offered => offered.value == 'SecurityIncident.Read.All')[0].id
          type: 'Role'
        }
      ]
    }
    {
      resourceAppId: defender.appId
      resourceAccess: [
        { // for source alert
          id: filter(defender.appRoles, offered => offered.value == 'Alert.Read.All')[0].id
          type: 'Role'
        }
      ]
    }
  ]
}

resource connectorPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: connector.appId
}

// To be done elsewhere: adding a client secret, whose value is told only to who adds it.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

// To be done elsewhere: making the application its own owner, so that it can renew its credential (its service principal, which needs the application, would be needed by it).
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

resource graphSecurityAlertReadAll 'Microsoft.Graph/appRoleAssignedTo@v1.0' = { // for source securityalert
  appRoleId: filter(graph.appRoles, offered => offered.value == 'SecurityAlert.Read.All')[0].id
  principalId: connectorPrincipal.id
  resourceId: graph.id
}

resource graphSecurityIncidentReadAll 'Microsoft.Graph/appRoleAssignedTo@v1.0' = { // for source securityincident
  appRoleId: filter(graph.appRoles, offered => offered.value == 'SecurityIncident.Read.All')[0].id
  principalId: connectorPrincipal.id
  resourceId: graph.id
}

resource defenderAlertReadAll 'Microsoft.Graph/appRoleAssignedTo@v1.0' = { // for source alert
  appRoleId: filter(defender.appRoles, offered => offered.value == 'Alert.Read.All')[0].id
  principalId: connectorPrincipal.id
  resourceId: defender.id
}

@description('auth.clientId of the connector')
output clientId string = connector.appId
