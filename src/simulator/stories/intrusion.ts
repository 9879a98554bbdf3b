import { type Chapter, processOf, type Story, windows } from './story.ts';

/** Many passwords tried against many accounts, until one fits. */
export const passwordSpray: Story = {
  name: 'password-spray',
  weight: 3,
  chapters: [
    {
      after: [0, 0],
      title: 'Password spray attack involving one user',
      description: 'Many accounts were tried with few passwords from one address.',
      category: 'CredentialAccess',
      techniques: ['T1110.003'],
      severity: 'medium',
      service: 'azureAdIdentityProtection',
      detection: 'azureAdIdentityProtection',
      device: () => undefined,
      user: (cast) => cast.victim,
      evidence: (cast, facts) => [
        { kind: 'ip', address: cast.attackerIp, country: cast.attackerCountry, roles: ['attacker'] },
        ...Array.from({ length: facts.between(3, 12) }, () => ({
          kind: 'user' as const,
          user: cast.firm.anyone(facts),
          roles: ['attacked'],
        })),
      ],
      grows: 2,
    },
    {
      after: [50, 300],
      title: 'Anonymous IP address',
      description: 'Sign-in from an anonymous IP address (for example Tor browser, anonymizer VPNs)',
      category: 'InitialAccess',
      techniques: ['T1078', 'T1090.003'],
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
      after: [120, 600],
      title: 'Suspicious inbox forwarding rule',
      description: 'A rule was made that forwards all mail to an address outside of the organisation.',
      category: 'Collection',
      techniques: ['T1114.003'],
      severity: 'low',
      service: 'microsoftSentinel',
      detection: 'scheduledAlerts',
      device: () => undefined,
      user: (cast) => cast.victim,
      evidence: (cast) => [
        { kind: 'mailbox', user: cast.victim },
        { kind: 'user', user: cast.victim, roles: ['compromised'] },
        {
          kind: 'other',
          type: 'mailboxConfigurationEvidence',
          body: {
            configurationId: 'Forward-all',
            configurationType: 'mailForwardingRule',
            mailboxPrimaryAddress: cast.victim.upn,
            upn: cast.victim.upn,
          },
        },
      ],
    },
  ],
};

/** An implant that calls home at regular times. */
export const beaconing: Story = {
  name: 'c2-beaconing',
  weight: 4,
  chapters: [
    {
      after: [0, 0],
      title: 'Suspicious PowerShell command line',
      description:
        'A suspicious PowerShell activity was observed on the machine. \nThis behavior may indicate that PowerShell was used during installation, exploration, or in some cases in lateral movement activities.',
      category: 'Execution',
      techniques: ['T1059.001', 'T1027'],
      severity: 'medium',
      service: 'microsoftDefenderForEndpoint',
      detection: 'microsoftDefenderForEndpoint',
      device: (cast) => cast.device,
      user: (cast) => cast.victim,
      evidence: (cast, facts) => [
        processOf(
          facts,
          windows.powershell,
          `powershell.exe -nop -w hidden -enc ${Buffer.from(`$u='https://${cast.attackerHost}/${facts.hex(8)}'`, 'utf16le').toString('base64')}`,
          windows.edge,
          cast.device,
          cast.victim,
        ),
        { kind: 'device', device: cast.device, verdict: 'unknown', detailedRoles: ['PrimaryDevice'] },
        { kind: 'user', user: cast.victim, verdict: 'unknown' },
      ],
    },
    beacon([30, 90], 'low'),
    beacon([200, 400], 'high'),
    {
      after: [300, 500],
      title: 'Suspicious WMI process creation',
      description: 'A process was started on another device through WMI.',
      category: 'LateralMovement',
      techniques: ['T1047'],
      severity: 'medium',
      service: 'microsoftDefenderForEndpoint',
      detection: 'microsoftDefenderForEndpoint',
      device: (cast) => cast.second,
      user: (cast) => cast.victim,
      evidence: (cast, facts) => [
        processOf(
          facts,
          windows.rundll32,
          `rundll32.exe C:\\ProgramData\\${facts.hex(6)}.dll,Start`,
          windows.wmiprvse,
          cast.second,
          cast.victim,
        ),
        { kind: 'device', device: cast.second, roles: ['attacked'], detailedRoles: ['PrimaryDevice'] },
        { kind: 'device', device: cast.device, roles: ['source'] },
        { kind: 'user', user: cast.victim, roles: ['compromised'] },
      ],
      grows: 1,
    },
  ],
};

/** A secret found in the cloud and used there. */
export const cloudKeyTheft: Story = {
  name: 'cloud-key-theft',
  weight: 1,
  chapters: [
    {
      after: [0, 0],
      title: 'Access from a suspicious IP to a storage account',
      description: 'A storage account was read from an address that is known for attacks.',
      category: 'Collection',
      techniques: ['T1530'],
      severity: 'medium',
      service: 'microsoftDefenderForCloud',
      detection: 'microsoftDefenderForStorage',
      device: () => undefined,
      user: () => undefined,
      evidence: (cast, facts) => [
        {
          kind: 'azureResource',
          id: `/subscriptions/${facts.guid()}/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/contosodata`,
          name: 'contosodata',
          type: 'Microsoft.Storage/storageAccounts',
        },
        { kind: 'ip', address: cast.attackerIp, country: cast.attackerCountry, roles: ['attacker'] },
      ],
    },
    {
      after: [60, 300],
      title: 'DLP policy match for files with customer data',
      description: 'Files with customer data were shared with people outside of the organisation.',
      category: 'Exfiltration',
      techniques: ['T1567'],
      severity: 'low',
      service: 'dataLossPrevention',
      detection: 'microsoftDataLossPrevention',
      device: () => undefined,
      user: (cast) => cast.victim,
      evidence: (cast) => [
        { kind: 'user', user: cast.victim, verdict: 'unknown' },
        { kind: 'cloudApplication', name: 'Microsoft SharePoint Online', appId: 20_892 },
      ],
    },
  ],
};

function beacon(after: readonly [number, number], severity: 'low' | 'high'): Chapter {
  return {
    after,
    title: 'Connection to a custom network indicator',
    description: 'An endpoint has connected to a host on the list of custom indicators.',
    category: 'CommandAndControl',
    techniques: ['T1071.001', 'T1573'],
    severity,
    service: 'microsoftDefenderForEndpoint',
    detection: 'customTi',
    device: (cast) => cast.device,
    user: (cast) => cast.victim,
    evidence: (cast, facts) => [
      {
        kind: 'url',
        url: `https://${cast.attackerHost}/${facts.hex(8)}?s=${facts.hex(4)}&t=1`,
        roles: ['commandAndControl'],
        verdict: 'malicious',
      },
      {
        kind: 'ip',
        address: cast.attackerIp,
        country: cast.attackerCountry,
        roles: ['commandAndControl'],
        verdict: 'malicious',
      },
      processOf(facts, windows.rundll32, 'rundll32.exe', windows.powershell, cast.device, cast.victim),
      { kind: 'device', device: cast.device, verdict: 'unknown', detailedRoles: ['PrimaryDevice'] },
      { kind: 'user', user: cast.victim, verdict: 'unknown' },
    ],
    grows: 1,
  };
}
