import type { NewCredential, Step } from '../plan.ts';
import { credentialName, endOf, oneLine } from './facts.ts';
import type { PrintContext } from './printer.ts';
import { shellQuote } from './shell-quote.ts';

/** Returns the lines that add a credential; keys and secrets are made where the script runs, in files of mode 0600. */
export function addCredential(credential: NewCredential, context: PrintContext): readonly string[] {
  switch (credential.kind) {
    case 'certificate':
      return addCertificate(credential.days, context);
    case 'secret':
      return addSecret(credential, context);
    case 'federated':
      return addFederated(credential);
  }
}

function addCertificate(days: number, context: PrintContext): readonly string[] {
  return [
    '# the certificate and its key stand in this one file, which is auth.certificate.path of the connector',
    'certificate=${CERTIFICATE_FILE:-./defender-siem.pem}',
    'if [ ! -s "$certificate" ]; then',
    '  say "making a certificate in $certificate"',
    `  openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days ${days} -subj /CN=defender-siem \\`,
    '    -keyout "$certificate.key" -out "$certificate.half" 2>/dev/null',
    '  cat "$certificate.key" >>"$certificate.half"',
    '  rm "$certificate.key"',
    '  mv "$certificate.half" "$certificate"',
    'fi',
    "say 'registering the certificate'",
    'der=$(openssl x509 -in "$certificate" -outform DER | openssl base64 -A)',
    `again add_certificate_once ${shellQuote(credentialName(context))}`,
  ];
}

function addSecret(
  credential: Extract<NewCredential, { kind: 'secret' }>,
  context: PrintContext,
): readonly string[] {
  const body = {
    passwordCredential: { displayName: credentialName(context), endDateTime: endOf(credential, context) },
  };
  return [
    // The value is told once: without the file there is no use in a secret added earlier.
    '# the secret goes into this file, which is auth.clientSecret of the connector: ${file:./defender-siem.secret}',
    'secret=${SECRET_FILE:-./defender-siem.secret}',
    'if [ ! -s "$secret" ]; then',
    '  say "adding a client secret, into $secret"',
    '  again known "/applications/$application?\\$select=id" id >/dev/null',
    '  az rest --method POST --url "$graph/v1.0/applications/$application/addPassword" --resource "$graph" \\',
    '    --headers Content-Type=application/json --query secretText --output tsv \\',
    `    --body ${shellQuote(JSON.stringify(body))} >"$secret.half"`,
    '  mv "$secret.half" "$secret"',
    'fi',
  ];
}

function addFederated({ credential }: Extract<NewCredential, { kind: 'federated' }>): readonly string[] {
  const { name, issuer, subject, audiences } = credential;
  const body = { name, issuer, subject, audiences, description: 'defender-siem' };
  const query = `value[?issuer==${jmesText(issuer)} && subject==${jmesText(subject)}].id | [0]`;
  return [
    "say 'trusting the tokens of the other issuer'",
    'trusts="/applications/$application/federatedIdentityCredentials"',
    `if [ -z "$(again ask "$trusts" ${shellQuote(query)})" ]; then`,
    `  send POST "$trusts" ${shellQuote(JSON.stringify(body))}`,
    'fi',
  ];
}

/** Returns the lines that remove a credential; one that is gone is fine. */
export function removeCredential(
  credential: Extract<Step, { kind: 'remove-credential' }>['credential'],
): readonly string[] {
  if (credential.kind === 'certificate') {
    const { keyId, displayName } = credential.key;
    return [
      `say ${shellQuote(`removing the certificate ${oneLine(displayName ?? keyId)}`)}`,
      'keys=$(az rest --method GET --url "$graph/v1.0/applications/$application?\\$select=keyCredentials" --resource "$graph" \\',
      `  --query ${shellQuote(`keyCredentials[?keyId!=${jmesText(keyId)}]`)} --output json)`,
      'send PATCH "/applications/$application" "{\\"keyCredentials\\":$keys}"',
    ];
  }
  if (credential.kind === 'secret') {
    const { keyId, displayName } = credential.password;
    const query = `passwordCredentials[?keyId==${jmesText(keyId)}].keyId | [0]`;
    return [
      `if [ -n "$(ask "/applications/$application?\\$select=passwordCredentials" ${shellQuote(query)})" ]; then`,
      `  say ${shellQuote(`removing the client secret ${oneLine(displayName ?? keyId)}`)}`,
      `  send POST "/applications/$application/removePassword" ${shellQuote(JSON.stringify({ keyId }))}`,
      'fi',
    ];
  }
  const { name } = credential.federated;
  return [
    'trusts="/applications/$application/federatedIdentityCredentials"',
    `trust=$(ask "$trusts" ${shellQuote(`value[?name==${jmesText(name)}].id | [0]`)})`,
    'if [ -n "$trust" ]; then',
    `  say ${shellQuote(`removing the federated credential ${oneLine(name)}`)}`,
    '  send DELETE "$trusts/$trust"',
    'fi',
  ];
}

/** A raw string of JMESPath. */
function jmesText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
