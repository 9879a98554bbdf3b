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
  signInAudience: 'AzureADMyOrg'
  tags: [
    'defender-siem'
    'defender-siem:default'
  ]
  isFallbackPublicClient: true
  requiredResourceAccess: [
    {
      resourceAppId: graph.appId
      resourceAccess: [
        { // for source securityalert
          id: filter(graph.oauth2PermissionScopes, offered => offered.value == 'SecurityAlert.Read.All')[0].id
          type: 'Scope'
        }
      ]
    }
    {
      resourceAppId: defender.appId
      resourceAccess: [
        { // for source alert
          id: filter(defender.oauth2PermissionScopes, offered => offered.value == 'Alert.Read')[0].id
          type: 'Scope'
        }
      ]
    }
  ]
}

resource connectorPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: connector.appId
}

resource graphDelegated 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = {
  clientId: connectorPrincipal.id
  consentType: 'AllPrincipals'
  resourceId: graph.id
  scope: 'SecurityAlert.Read.All'
}

resource defenderDelegated 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = {
  clientId: connectorPrincipal.id
  consentType: 'AllPrincipals'
  resourceId: defender.id
  scope: 'Alert.Read'
}

@description('auth.clientId of the connector')
output clientId string = connector.appId
