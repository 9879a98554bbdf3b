// The app registration of defender-siem in the tenant contoso (51515151-0000-4000-8000-7e4a4700c0de, application 22222222-0000-4000-8000-000000000002).
// bicepconfig.json beside this file names the Microsoft Graph extension, v1.0, as microsoftGraphV1 under
// "extensions" (learn.microsoft.com/graph/templates/bicep). Deploy it into any resource group or subscription of
// this tenant, as an administrator who may register applications and consent to permissions of Microsoft Graph
// (Privileged Role Administrator).
// It holds only what the application lacks.

extension microsoftGraphV1

// Microsoft Graph
resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '00000003-0000-0000-c000-000000000000'
}

// WindowsDefenderATP
resource defender 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: 'fc780465-2017-40d4-a0c5-307022471b92'
}

resource connectorPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '22222222-0000-4000-8000-000000000002'
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
