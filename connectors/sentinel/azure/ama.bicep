// CEF by syslog through the Azure Monitor Agent of a Linux forwarder, into CommonSecurityLog.
// az deployment group create --template-file ama.bicep

@description('Log Analytics workspace that Microsoft Sentinel works on, in this resource group.')
param workspaceName string

@description('Linux machine in this resource group that receives syslog and runs the Azure Monitor Agent.')
param forwarderName string

@description('Facility of the CEF messages, as in the configuration of the sink. No other rule may collect it.')
@allowed([
  'local0'
  'local1'
  'local2'
  'local3'
  'local4'
  'local5'
  'local6'
  'local7'
])
param facility string = 'local4'

@description('Name of the data collection rule.')
param ruleName string = 'defender-siem-cef'

@description('Region of the workspace.')
param location string = resourceGroup().location

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource forwarder 'Microsoft.Compute/virtualMachines@2023-09-01' existing = {
  name: forwarderName
}

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: ruleName
  location: location
  kind: 'Linux'
  properties: {
    description: 'CEF of defender-siem into CommonSecurityLog.'
    dataSources: {
      syslog: [
        {
          name: 'cef'
          streams: [
            'Microsoft-CommonSecurityLog'
          ]
          facilityNames: [
            facility
          ]
          logLevels: [
            'Debug'
            'Info'
            'Notice'
            'Warning'
            'Error'
            'Critical'
            'Alert'
            'Emergency'
          ]
        }
      ]
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
          'Microsoft-CommonSecurityLog'
        ]
        destinations: [
          'workspace'
        ]
      }
    ]
  }
}

resource association 'Microsoft.Insights/dataCollectionRuleAssociations@2023-03-11' = {
  scope: forwarder
  name: 'defender-siem-cef'
  properties: {
    dataCollectionRuleId: rule.id
    description: 'The forwarder collects CEF of defender-siem.'
  }
}

@description('Id of the data collection rule.')
output ruleId string = rule.id
