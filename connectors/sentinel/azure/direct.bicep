// Table, data collection rule with an endpoint of its own, and the role of the connector on it.
// az deployment group create --template-file direct.bicep

@description('Log Analytics workspace that Microsoft Sentinel works on, in this resource group.')
param workspaceName string

@description('Object id of the service principal or managed identity that writes: of the enterprise application, not of the app registration.')
param principalId string

@description('What principalId is.')
@allowed([
  'ServicePrincipal'
  'User'
])
param principalType string = 'ServicePrincipal'

@description('Name of the data collection rule.')
param ruleName string = 'defender-siem'

@description('Region of the workspace.')
param location string = resourceGroup().location

@description('Days that rows stay in the table.')
param retentionInDays int = 90

var columns = loadJsonContent('columns.json')

// Monitoring Metrics Publisher
var publisherRole = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource table 'Microsoft.OperationalInsights/workspaces/tables@2022-10-01' = {
  parent: workspace
  name: 'Defender_CL'
  properties: {
    plan: 'Analytics'
    retentionInDays: retentionInDays
    schema: {
      name: 'Defender_CL'
      description: 'Microsoft Defender records, a row for each state, by defender-siem.'
      columns: columns.table
    }
  }
}

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: ruleName
  location: location
  kind: 'Direct'
  properties: {
    description: 'Rows of defender-siem into Defender_CL.'
    streamDeclarations: {
      'Custom-Defender_CL': {
        columns: columns.stream
      }
    }
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspace.id
        }
      ]
    }
    dataFlows: [
      {
        streams: [
          'Custom-Defender_CL'
        ]
        destinations: [
          'workspace'
        ]
        transformKql: 'source | extend TimeGenerated = iff(isnull(TimeGenerated), now(), TimeGenerated)'
        outputStream: 'Custom-Defender_CL'
      }
    ]
  }
  dependsOn: [
    table
  ]
}

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: rule
  name: guid(rule.id, principalId, publisherRole)
  properties: {
    principalId: principalId
    principalType: principalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisherRole)
  }
}

@description('`endpoint` of the sink.')
output endpoint string = rule.properties.endpoints.logsIngestion

@description('`rule` of the sink.')
output rule string = rule.properties.immutableId

@description('`stream` of the sink.')
output stream string = 'Custom-Defender_CL'
