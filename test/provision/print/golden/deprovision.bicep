// The app registration of defender-siem in the tenant contoso (51515151-0000-4000-8000-7e4a4700c0de, application 22222222-0000-4000-8000-000000000002).
// bicepconfig.json beside this file names the Microsoft Graph extension, v1.0, as microsoftGraphV1 under
// "extensions" (learn.microsoft.com/graph/templates/bicep). Deploy it into any resource group or subscription of
// this tenant, as an administrator who may register applications and consent to permissions of Microsoft Graph
// (Privileged Role Administrator).
// It holds only what the application lacks.

extension microsoftGraphV1

// To be done elsewhere: deleting the service principal of the application.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.

// To be done elsewhere: deleting the app registration.
// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.
