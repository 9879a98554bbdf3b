import type { NewCredential, Step } from '../plan.ts';
import { credentialName, endOf, oneLine } from './facts.ts';
import type { GraphCallText } from './graph-text.ts';
import type { PrintContext } from './printer.ts';

const keysKept = 'keep application.keyCredentials: keyCredentials';

function readKeys(application: string): GraphCallText {
  return {
    title: 'Read the certificates that the application has',
    notes: [keysKept],
    method: 'GET',
    path: `/applications/${application}?$select=keyCredentials`,
  };
}

/** Returns the calls that add a credential; `isNew`: to an application that has none yet. */
export function addCredential(
  credential: NewCredential,
  application: string,
  isNew: boolean,
  context: PrintContext,
): readonly GraphCallText[] {
  const displayName = credentialName(context);
  if (credential.kind === 'secret') {
    return [
      {
        title: 'Add a client secret',
        notes: ['keep secret: secretText, in a file that only the connector can read; it is told only now'],
        method: 'POST',
        path: `/applications/${application}/addPassword`,
        body: { passwordCredential: { displayName, endDateTime: endOf(credential, context) } },
      },
    ];
  }
  if (credential.kind === 'federated') {
    const { name, issuer, subject, audiences } = credential.credential;
    return [
      {
        title: 'Trust the tokens of the other issuer',
        method: 'POST',
        path: `/applications/${application}/federatedIdentityCredentials`,
        body: { name, issuer, subject, audiences, description: 'defender-siem' },
      },
    ];
  }
  return [
    ...(isNew ? [] : [readKeys(application)]),
    {
      title: 'Register a certificate',
      notes: [
        'First make it, with its key, where the connector runs (in a file that only the connector can read):',
        `  (umask 077; openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days ${credential.days} -subj /CN=defender-siem -keyout app.key -out app.crt && cat app.crt app.key > app.pem && rm app.key)`,
        '{{certificate}}: openssl x509 -in app.crt -outform DER | openssl base64 -A',
        ...(isNew
          ? []
          : ['The array replaces all: "{{...}}" stands for the entries of that list, as they were read.']),
      ],
      method: 'PATCH',
      path: `/applications/${application}`,
      body: {
        keyCredentials: [
          ...(isNew ? [] : ['{{...application.keyCredentials}}']),
          { type: 'AsymmetricX509Cert', usage: 'Verify', displayName, key: '{{certificate}}' },
        ],
      },
    },
  ];
}

/** Returns the calls that remove a credential. */
export function removeCredential(
  credential: Extract<Step, { kind: 'remove-credential' }>['credential'],
  application: string,
): readonly GraphCallText[] {
  if (credential.kind === 'secret') {
    const { keyId, displayName } = credential.password;
    return [
      {
        title: `Remove the client secret ${oneLine(displayName ?? keyId)}`,
        method: 'POST',
        path: `/applications/${application}/removePassword`,
        body: { keyId },
      },
    ];
  }
  if (credential.kind === 'federated') {
    const { id, name } = credential.federated;
    return [
      {
        title: `Remove the federated credential ${oneLine(name)}`,
        method: 'DELETE',
        path: `/applications/${application}/federatedIdentityCredentials/${encodeURIComponent(id ?? name)}`,
      },
    ];
  }
  const { keyId, displayName } = credential.key;
  return [
    readKeys(application),
    {
      title: `Remove the certificate ${oneLine(displayName ?? keyId)}`,
      notes: [
        `The array replaces all: "{{...}}" stands for the entries of that list but the one whose keyId is ${keyId}.`,
      ],
      method: 'PATCH',
      path: `/applications/${application}`,
      body: { keyCredentials: [`{{...application.keyCredentials except ${keyId}}}`] },
    },
  ];
}
