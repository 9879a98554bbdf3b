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

// Microsoft Threat Protection
resource xdr 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: '8ee8fdad-f234-4243-8f3b-15c294843740'
}

resource connectorPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '22222222-0000-4000-8000-000000000002'
}

// To be done elsewhere: setting the permissions that the application asks for: SecurityAlert.Read.All, SecurityIncident.Read.All, Alert.Read.All.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

// To be done elsewhere: allowing sign-in with a device code.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

// To be done elsewhere: allowing the tenants of customers to use the application.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

// To be done elsewhere: enabling sign-in of the application.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

// To be done elsewhere: removing a certificate credential.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

// To be done elsewhere: removing a secret credential.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

// To be done elsewhere: removing a federated credential.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

// To be done elsewhere: adding a certificate credential.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

// To be done elsewhere: making the application its own owner, so that it can renew its credential (its service principal, which needs the application, would be needed by it).
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

resource xdrIncidentReadAll 'Microsoft.Graph/appRoleAssignedTo@v1.0' = { // for source incident
  appRoleId: filter(xdr.appRoles, offered => offered.value == 'Incident.Read.All')[0].id
  principalId: connectorPrincipal.id
  resourceId: xdr.id
}

// To be done elsewhere: taking back Alert.ReadWrite.All, which nothing needs.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

// To be done elsewhere: taking back 88888888-0000-4000-8000-000000000008, which nothing needs.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.
