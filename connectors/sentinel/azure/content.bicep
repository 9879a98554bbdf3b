// What works on the rows: KQL functions, analytics rules and a workbook of Microsoft Sentinel.
// az deployment group create --template-file content.bicep

@description('Log Analytics workspace that Microsoft Sentinel works on, in this resource group.')
param workspaceName string

@description('Region of the workbook.')
param location string = resourceGroup().location

@description('False lets the rule for detections of high severity sleep: where another connector makes incidents of them too.')
param detectionRuleEnabled bool = true

var tableParserFile = loadYamlContent('../parsers/vimAlertEventDefenderSiem.yaml')
var cefParserFile = loadYamlContent('../parsers/vimAlertEventDefenderSiemCef.yaml')
var alertParserFile = loadYamlContent('../parsers/ASimAlertEventDefenderSiem.yaml')
var connectorEventsFile = loadYamlContent('../parsers/DefenderSiemConnector.yaml')

var heartbeatMissingRule = loadYamlContent('../rules/heartbeat-missing.yaml')
var heartbeatGapRule = loadYamlContent('../rules/heartbeat-gap.yaml')
var blindSpotOpenRule = loadYamlContent('../rules/blind-spot-open.yaml')
var lagRule = loadYamlContent('../rules/lag.yaml')
var highSeverityRule = loadYamlContent('../rules/high-severity-detection.yaml')

var workbookFile = loadJsonContent('../workbook.json')

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource tableParser 'Microsoft.OperationalInsights/workspaces/savedSearches@2020-08-01' = {
  parent: workspace
  name: 'vimAlertEventDefenderSiem'
  properties: {
    category: 'ASIM'
    displayName: tableParserFile.Parser.Title
    functionAlias: 'vimAlertEventDefenderSiem'
    functionParameters: 'starttime:datetime=datetime(null), endtime:datetime=datetime(null), ipaddr_has_any_prefix:dynamic=dynamic([]), hostname_has_any:dynamic=dynamic([]), username_has_any:dynamic=dynamic([]), attacktactics_has_any:dynamic=dynamic([]), attacktechniques_has_any:dynamic=dynamic([]), threatcategory_has_any:dynamic=dynamic([]), alertverdict_has_any:dynamic=dynamic([]), eventseverity_has_any:dynamic=dynamic([]), disabled:bool=false'
    query: tableParserFile.ParserQuery
    version: 2
  }
}

resource cefParser 'Microsoft.OperationalInsights/workspaces/savedSearches@2020-08-01' = {
  parent: workspace
  name: 'vimAlertEventDefenderSiemCef'
  properties: {
    category: 'ASIM'
    displayName: cefParserFile.Parser.Title
    functionAlias: 'vimAlertEventDefenderSiemCef'
    functionParameters: 'starttime:datetime=datetime(null), endtime:datetime=datetime(null), ipaddr_has_any_prefix:dynamic=dynamic([]), hostname_has_any:dynamic=dynamic([]), username_has_any:dynamic=dynamic([]), attacktactics_has_any:dynamic=dynamic([]), attacktechniques_has_any:dynamic=dynamic([]), threatcategory_has_any:dynamic=dynamic([]), alertverdict_has_any:dynamic=dynamic([]), eventseverity_has_any:dynamic=dynamic([]), disabled:bool=false'
    query: cefParserFile.ParserQuery
    version: 2
  }
}

resource alertParser 'Microsoft.OperationalInsights/workspaces/savedSearches@2020-08-01' = {
  parent: workspace
  name: 'ASimAlertEventDefenderSiem'
  properties: {
    category: 'ASIM'
    displayName: alertParserFile.Parser.Title
    functionAlias: 'ASimAlertEventDefenderSiem'
    functionParameters: 'disabled:bool=false'
    query: alertParserFile.ParserQuery
    version: 2
  }
  dependsOn: [
    tableParser
    cefParser
  ]
}

resource connectorEvents 'Microsoft.OperationalInsights/workspaces/savedSearches@2020-08-01' = {
  parent: workspace
  name: 'DefenderSiemConnector'
  properties: {
    category: 'defender-siem'
    displayName: connectorEventsFile.Parser.Title
    functionAlias: 'DefenderSiemConnector'
    functionParameters: 'disabled:bool=false'
    query: connectorEventsFile.ParserQuery
    version: 2
  }
}

resource heartbeatMissing 'Microsoft.SecurityInsights/alertRules@2024-03-01' = {
  scope: workspace
  name: heartbeatMissingRule.id
  kind: 'Scheduled'
  properties: {
    displayName: heartbeatMissingRule.name
    description: heartbeatMissingRule.description
    severity: heartbeatMissingRule.severity
    enabled: true
    query: heartbeatMissingRule.query
    queryFrequency: heartbeatMissingRule.queryFrequency
    queryPeriod: heartbeatMissingRule.queryPeriod
    triggerOperator: 'GreaterThan'
    triggerThreshold: heartbeatMissingRule.triggerThreshold
    suppressionDuration: heartbeatMissingRule.suppressionDuration
    suppressionEnabled: heartbeatMissingRule.suppressionEnabled
    tactics: heartbeatMissingRule.tactics
    techniques: heartbeatMissingRule.relevantTechniques
    eventGroupingSettings: heartbeatMissingRule.eventGroupingSettings
    customDetails: heartbeatMissingRule.customDetails
    alertDetailsOverride: heartbeatMissingRule.alertDetailsOverride
    entityMappings: heartbeatMissingRule.entityMappings
    incidentConfiguration: heartbeatMissingRule.incidentConfiguration
  }
  dependsOn: [
    connectorEvents
  ]
}

resource heartbeatGap 'Microsoft.SecurityInsights/alertRules@2024-03-01' = {
  scope: workspace
  name: heartbeatGapRule.id
  kind: 'Scheduled'
  properties: {
    displayName: heartbeatGapRule.name
    description: heartbeatGapRule.description
    severity: heartbeatGapRule.severity
    enabled: true
    query: heartbeatGapRule.query
    queryFrequency: heartbeatGapRule.queryFrequency
    queryPeriod: heartbeatGapRule.queryPeriod
    triggerOperator: 'GreaterThan'
    triggerThreshold: heartbeatGapRule.triggerThreshold
    suppressionDuration: heartbeatGapRule.suppressionDuration
    suppressionEnabled: heartbeatGapRule.suppressionEnabled
    tactics: heartbeatGapRule.tactics
    techniques: heartbeatGapRule.relevantTechniques
    eventGroupingSettings: heartbeatGapRule.eventGroupingSettings
    customDetails: heartbeatGapRule.customDetails
    alertDetailsOverride: heartbeatGapRule.alertDetailsOverride
    entityMappings: heartbeatGapRule.entityMappings
    incidentConfiguration: heartbeatGapRule.incidentConfiguration
  }
  dependsOn: [
    connectorEvents
  ]
}

resource blindSpotOpen 'Microsoft.SecurityInsights/alertRules@2024-03-01' = {
  scope: workspace
  name: blindSpotOpenRule.id
  kind: 'Scheduled'
  properties: {
    displayName: blindSpotOpenRule.name
    description: blindSpotOpenRule.description
    severity: blindSpotOpenRule.severity
    enabled: true
    query: blindSpotOpenRule.query
    queryFrequency: blindSpotOpenRule.queryFrequency
    queryPeriod: blindSpotOpenRule.queryPeriod
    triggerOperator: 'GreaterThan'
    triggerThreshold: blindSpotOpenRule.triggerThreshold
    suppressionDuration: blindSpotOpenRule.suppressionDuration
    suppressionEnabled: blindSpotOpenRule.suppressionEnabled
    tactics: blindSpotOpenRule.tactics
    techniques: blindSpotOpenRule.relevantTechniques
    eventGroupingSettings: blindSpotOpenRule.eventGroupingSettings
    customDetails: blindSpotOpenRule.customDetails
    alertDetailsOverride: blindSpotOpenRule.alertDetailsOverride
    entityMappings: blindSpotOpenRule.entityMappings
    incidentConfiguration: blindSpotOpenRule.incidentConfiguration
  }
  dependsOn: [
    connectorEvents
  ]
}

resource lag 'Microsoft.SecurityInsights/alertRules@2024-03-01' = {
  scope: workspace
  name: lagRule.id
  kind: 'Scheduled'
  properties: {
    displayName: lagRule.name
    description: lagRule.description
    severity: lagRule.severity
    enabled: true
    query: lagRule.query
    queryFrequency: lagRule.queryFrequency
    queryPeriod: lagRule.queryPeriod
    triggerOperator: 'GreaterThan'
    triggerThreshold: lagRule.triggerThreshold
    suppressionDuration: lagRule.suppressionDuration
    suppressionEnabled: lagRule.suppressionEnabled
    tactics: lagRule.tactics
    techniques: lagRule.relevantTechniques
    eventGroupingSettings: lagRule.eventGroupingSettings
    customDetails: lagRule.customDetails
    alertDetailsOverride: lagRule.alertDetailsOverride
    entityMappings: lagRule.entityMappings
    incidentConfiguration: lagRule.incidentConfiguration
  }
  dependsOn: [
    connectorEvents
  ]
}

resource highSeverity 'Microsoft.SecurityInsights/alertRules@2024-03-01' = {
  scope: workspace
  name: highSeverityRule.id
  kind: 'Scheduled'
  properties: {
    displayName: highSeverityRule.name
    description: highSeverityRule.description
    severity: highSeverityRule.severity
    enabled: detectionRuleEnabled
    query: highSeverityRule.query
    queryFrequency: highSeverityRule.queryFrequency
    queryPeriod: highSeverityRule.queryPeriod
    triggerOperator: 'GreaterThan'
    triggerThreshold: highSeverityRule.triggerThreshold
    suppressionDuration: highSeverityRule.suppressionDuration
    suppressionEnabled: highSeverityRule.suppressionEnabled
    tactics: highSeverityRule.tactics
    techniques: highSeverityRule.relevantTechniques
    eventGroupingSettings: highSeverityRule.eventGroupingSettings
    customDetails: highSeverityRule.customDetails
    alertDetailsOverride: highSeverityRule.alertDetailsOverride
    entityMappings: highSeverityRule.entityMappings
    incidentConfiguration: highSeverityRule.incidentConfiguration
  }
  dependsOn: [
    alertParser
  ]
}

resource workbook 'Microsoft.Insights/workbooks@2022-04-01' = {
  name: guid(workspace.id, 'defender-siem')
  location: location
  kind: 'shared'
  properties: {
    displayName: 'Microsoft Defender, by defender-siem'
    category: 'sentinel'
    sourceId: workspace.id
    serializedData: string(workbookFile)
    version: '1.0'
  }
}

@description('Id of the workbook.')
output workbookId string = workbook.id
