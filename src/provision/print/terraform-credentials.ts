import type { NewCredential } from '../plan.ts';
import { credentialName, endOf } from './facts.ts';
import { hclText } from './hcl-text.ts';
import type { PrintContext } from './printer.ts';

/** Returns the blocks that add a credential to the application that `application` speaks of. */
export function terraformCredential(
  credential: NewCredential,
  application: string,
  context: PrintContext,
): string {
  switch (credential.kind) {
    case 'certificate':
      return certificate(credential.days, application);
    case 'secret':
      return `# The secret stands in Terraform's state: keep the state where only administrators can read it, or use a certificate.
resource "azuread_application_password" "connector" {
  application_id = ${application}.id
  display_name   = ${hclText(credentialName(context))}
  end_date       = ${hclText(endOf(credential, context))}
}

# terraform output -raw client_secret, into the file that auth.clientSecret of the connector names
output "client_secret" {
  value     = azuread_application_password.connector.value
  sensitive = true
}`;
    case 'federated': {
      const { name, issuer, subject, audiences } = credential.credential;
      return `resource "azuread_application_federated_identity_credential" "connector" {
  application_id = ${application}.id
  display_name   = ${hclText(name)}
  description    = "defender-siem"
  audiences      = [${audiences.map(hclText).join(', ')}]
  issuer         = ${hclText(issuer)}
  subject        = ${hclText(subject)}
}`;
    }
  }
}

/** The key is made elsewhere: in a resource of Terraform it would stand in the state. */
function certificate(days: number, application: string): string {
  return `# Made with its key where the connector runs, in a file that only the connector can read; only the certificate comes here:
# (umask 077; openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days ${days} -subj /CN=defender-siem -keyout app.key -out app.crt && cat app.crt app.key > app.pem && rm app.key)
variable "certificate_file" {
  description = "PEM file of the connector's certificate, without its key."
  type        = string
  default     = "app.crt"
}

resource "azuread_application_certificate" "connector" {
  application_id = ${application}.id
  type           = "AsymmetricX509Cert"
  encoding       = "pem"
  value          = file(var.certificate_file)
}`;
}
