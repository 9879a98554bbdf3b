import { z } from 'zod';

const word = z.string().min(1);
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
const maybe = word.optional();

/** The Alert Event schema 0.1 of ASIM, as far as rows may use it (formats reference §7.4); own columns are not looked at. */
export const asimAlertEvent = z
  .looseObject({
    TimeGenerated: time,
    EventCount: z.literal(1),
    EventStartTime: time,
    EventEndTime: time,
    EventType: z.literal('Alert'),
    EventUid: word,
    EventProduct: word,
    EventVendor: z.literal('Microsoft'),
    EventSchema: z.literal('AlertEvent'),
    EventSchemaVersion: z.literal('0.1'),
    EventSubType: z.enum(['Threat', 'Suspicious Activity', 'Anomaly', 'Compliance Violation']).optional(),
    EventSeverity: z.enum(['Informational', 'Low', 'Medium', 'High']),
    EventMessage: maybe,
    EventOriginalUid: maybe,
    EventOriginalSeverity: maybe,
    EventReportUrl: z.url().optional(),
    DvcIpAddr: z.union([z.ipv4(), z.ipv6()]).optional(),
    DvcHostname: maybe,
    DvcDomain: maybe,
    DvcDomainType: z.enum(['FQDN', 'Windows']).optional(),
    DvcFQDN: word.regex(/\./).optional(),
    DvcId: maybe,
    DvcIdType: z.literal('MDEid').optional(),
    DvcOs: maybe,
    AlertName: maybe,
    AlertOriginalStatus: maybe,
    AlertStatus: z.enum(['Active', 'Closed']).optional(),
    AlertVerdict: z.enum(['True Positive', 'False Positive', 'Benign Positive', 'Unknown']).optional(),
    DetectionMethod: z
      .enum([
        'EDR',
        'Behavioral Analytics',
        'Reputation',
        'Threat Intelligence',
        'Intrusion Detection',
        'Automated Investigation',
        'Antivirus',
        'Data Loss Prevention',
        'User Defined Blocked List',
        'Cloud Security Posture Management',
        'Cloud Application Security',
        'Scheduled Alerts',
        'Other',
      ])
      .optional(),
    RuleName: maybe,
    ThreatName: maybe,
    ThreatCategory: z
      .enum([
        'Malware',
        'Ransomware',
        'Trojan',
        'Virus',
        'Worm',
        'Adware',
        'Spyware',
        'Rootkit',
        'Cryptominor',
        'Phishing',
        'Spam',
        'MaliciousUrl',
        'Spoofing',
        'Security Policy Violation',
        'Unknown',
      ])
      .optional(),
    AttackTactics: maybe,
    AttackTechniques: z
      .string()
      .regex(/^T\d{4}(\.\d{3})?(, T\d{4}(\.\d{3})?)*$/)
      .optional(),
    AttackRemediationSteps: maybe,
    Username: maybe,
    UsernameType: z.enum(['Windows', 'UPN', 'Simple']).optional(),
    UserId: maybe,
    UserIdType: z.enum(['SID', 'GUID']).optional(),
    UserScopeId: maybe,
    ProcessId: maybe,
    ProcessName: maybe,
    ProcessCommandLine: maybe,
    FileName: maybe,
    FilePath: maybe,
    FileSHA1: maybe,
    FileSHA256: maybe,
    FileMD5: maybe,
    FileSize: z.int().optional(),
    Url: maybe,
    RegistryKey: maybe,
    RegistryValue: maybe,
    RegistryValueData: maybe,
    RegistryValueType: word.regex(/^Reg_/).optional(),
    EmailMessageId: maybe,
    EmailSubject: maybe,
    IndicatorType: z
      .enum([
        'Ip',
        'User',
        'Process',
        'Registry',
        'Url',
        'Host',
        'Cloud Resource',
        'Application',
        'File',
        'Email',
        'Mailbox',
        'Logon Session',
      ])
      .optional(),
    IndicatorAssociation: z.enum(['Associated', 'Targeted']).optional(),
    // Aliases are the parser's to make, and names that Azure keeps are no one's.
    AlertId: z.undefined().optional(),
    AlertDescription: z.undefined().optional(),
    User: z.undefined().optional(),
    Hostname: z.undefined().optional(),
    IpAddr: z.undefined().optional(),
    Rule: z.undefined().optional(),
  })
  .refine((row) => row.EventStartTime <= row.EventEndTime, { error: 'ends before it starts' })
  .refine((row) => (row.Username === undefined) === (row.UsernameType === undefined), {
    error: 'a name without its type',
  })
  .refine((row) => (row.UserId === undefined) === (row.UserIdType === undefined), {
    error: 'an id without its type',
  })
  .refine((row) => (row.DvcId === undefined) === (row.DvcIdType === undefined), {
    error: 'an id without its type',
  });
