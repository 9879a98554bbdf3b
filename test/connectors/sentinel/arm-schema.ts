import { z } from 'zod';

const word = z.string().min(1);
/** A text, or an expression in brackets. */
const expression = z.string().regex(/^\[.+\]$/s);
const dependsOn = z.array(expression).optional();
const streamColumn = z.strictObject({
  name: word,
  type: z.enum(['string', 'int', 'long', 'real', 'boolean', 'dynamic', 'datetime']),
});
const tableColumn = z.strictObject({
  name: word,
  type: z.enum(['string', 'int', 'long', 'real', 'boolean', 'dynamic', 'dateTime', 'guid']),
  description: word.optional(),
});

/** Returns what a value is once the variable that it names stands in its place. */
type Resolve = (value: unknown) => unknown;

function rule(resolve: Resolve) {
  const columns = z.preprocess(resolve, z.array(streamColumn).min(1).max(500));
  return z.strictObject({
    type: z.literal('Microsoft.Insights/dataCollectionRules'),
    apiVersion: z.literal('2023-03-11'),
    name: word.max(64),
    location: word,
    kind: z.enum(['Direct', 'Linux']).optional(),
    properties: z.strictObject({
      description: word,
      dataCollectionEndpointId: expression.optional(),
      streamDeclarations: z
        .record(z.string().regex(/^Custom-[A-Za-z]\w*$/), z.strictObject({ columns }))
        .optional(),
      dataSources: z
        .strictObject({
          syslog: z.array(
            z.strictObject({
              name: word.max(32),
              streams: z.array(z.literal('Microsoft-CommonSecurityLog')).length(1),
              facilityNames: z.array(word).min(1),
              logLevels: z.array(
                z.enum(['Debug', 'Info', 'Notice', 'Warning', 'Error', 'Critical', 'Alert', 'Emergency']),
              ),
            }),
          ),
        })
        .optional(),
      destinations: z.strictObject({
        logAnalytics: z.array(z.strictObject({ name: word, workspaceResourceId: expression })).length(1),
      }),
      dataFlows: z.array(
        z.strictObject({
          streams: z.array(word).length(1),
          destinations: z.array(word).length(1),
          transformKql: word.optional(),
          outputStream: word.optional(),
        }),
      ),
    }),
    dependsOn,
  });
}

function table(resolve: Resolve) {
  return z.strictObject({
    type: z.literal('Microsoft.OperationalInsights/workspaces/tables'),
    apiVersion: z.literal('2022-10-01'),
    name: expression,
    properties: z.strictObject({
      plan: z.enum(['Analytics', 'Basic', 'Auxiliary']),
      retentionInDays: expression,
      schema: z.strictObject({
        name: z.string().regex(/^[A-Za-z]\w*_CL$/),
        description: word,
        columns: z.preprocess(resolve, z.array(tableColumn).min(1).max(500)),
      }),
    }),
    dependsOn,
  });
}

const endpoint = z.strictObject({
  type: z.literal('Microsoft.Insights/dataCollectionEndpoints'),
  apiVersion: z.literal('2023-03-11'),
  name: word,
  location: word,
  properties: z.strictObject({
    description: word,
    networkAcls: z.strictObject({ publicNetworkAccess: expression }),
  }),
  dependsOn,
});

const association = z.strictObject({
  type: z.literal('Microsoft.Insights/dataCollectionRuleAssociations'),
  apiVersion: z.literal('2023-03-11'),
  scope: expression,
  name: word,
  properties: z.strictObject({ dataCollectionRuleId: expression, description: word }),
  dependsOn,
});

const roleAssignment = z.strictObject({
  type: z.literal('Microsoft.Authorization/roleAssignments'),
  apiVersion: z.literal('2022-04-01'),
  scope: expression,
  name: z.string().regex(/^\[guid\(.+\)\]$/),
  properties: z.strictObject({
    principalId: expression,
    principalType: expression,
    roleDefinitionId: z
      .string()
      .regex(/^\[subscriptionResourceId\('Microsoft\.Authorization\/roleDefinitions', /),
  }),
  dependsOn,
});

function savedSearch(resolve: Resolve) {
  const text = z.preprocess(resolve, word);
  return z.strictObject({
    type: z.literal('Microsoft.OperationalInsights/workspaces/savedSearches'),
    apiVersion: z.literal('2020-08-01'),
    name: expression,
    properties: z.strictObject({
      category: word,
      displayName: text,
      functionAlias: z.string().regex(/^[A-Za-z]\w*$/),
      functionParameters: word,
      query: text,
      version: z.literal(2),
    }),
    dependsOn,
  });
}

function alertRule(resolve: Resolve) {
  const of = <Schema extends z.ZodType>(schema: Schema) => z.preprocess(resolve, schema);
  const period = of(z.string().regex(/^P(\d+D|T\d+[HM])$/));
  return z.strictObject({
    type: z.literal('Microsoft.SecurityInsights/alertRules'),
    apiVersion: z.literal('2024-03-01'),
    scope: expression,
    name: of(z.guid()),
    kind: z.literal('Scheduled'),
    properties: z.strictObject({
      displayName: of(word),
      description: of(word.max(5000)),
      severity: of(z.enum(['High', 'Medium', 'Low', 'Informational'])),
      enabled: z.union([z.literal(true), expression]),
      query: of(word.max(10_000)),
      queryFrequency: period,
      queryPeriod: period,
      triggerOperator: z.enum(['GreaterThan', 'LessThan', 'Equal', 'NotEqual']),
      triggerThreshold: of(z.number()),
      suppressionDuration: period,
      suppressionEnabled: of(z.boolean()),
      tactics: of(z.array(word)),
      techniques: of(z.array(word)),
      eventGroupingSettings: of(
        z.strictObject({ aggregationKind: z.enum(['AlertPerResult', 'SingleAlert']) }),
      ),
      customDetails: of(z.record(word.max(20), word)),
      alertDetailsOverride: of(z.looseObject({ alertDisplayNameFormat: word, alertDescriptionFormat: word })),
      entityMappings: of(
        z.array(
          z.strictObject({
            entityType: word,
            fieldMappings: z.array(z.strictObject({ identifier: word, columnName: word })).max(3),
          }),
        ),
      ),
      incidentConfiguration: of(
        z.strictObject({ createIncident: z.boolean(), groupingConfiguration: z.looseObject({}) }),
      ),
    }),
    dependsOn,
  });
}

const workbook = z.strictObject({
  type: z.literal('Microsoft.Insights/workbooks'),
  apiVersion: z.literal('2022-04-01'),
  name: z.string().regex(/^\[guid\(.+\)\]$/),
  location: word,
  kind: z.literal('shared'),
  properties: z.strictObject({
    displayName: word,
    category: z.literal('sentinel'),
    sourceId: expression,
    serializedData: expression,
    version: word,
  }),
  dependsOn,
});

/** A deployment template of resources that this connector has, properties unknown to Azure being refused. */
export function armTemplate(resolve: Resolve) {
  return z.strictObject({
    $schema: z.literal('https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'),
    contentVersion: z.literal('1.0.0.0'),
    parameters: z.record(
      word,
      z.strictObject({
        type: z.enum(['string', 'int', 'bool']),
        defaultValue: z.union([z.string(), z.number(), z.boolean()]).optional(),
        allowedValues: z.array(word).optional(),
        metadata: z.strictObject({ description: word }),
      }),
    ),
    variables: z.record(word, z.unknown()),
    resources: z.array(
      z.discriminatedUnion('type', [
        rule(resolve),
        table(resolve),
        endpoint,
        association,
        roleAssignment,
        savedSearch(resolve),
        alertRule(resolve),
        workbook,
      ]),
    ),
    outputs: z.record(word, z.strictObject({ type: z.literal('string'), value: word })),
  });
}
