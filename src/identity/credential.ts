import type { Secret } from '../fields/secret.ts';

/** How a tenant's application, or a person in front of it, proves itself; files are read when they are used. */
export type Credential =
  | ClientSecretCredential
  | CertificateCredential
  | WorkloadIdentityCredential
  | ManagedIdentityCredential
  | UserCredential;

export interface ClientSecretCredential {
  readonly kind: 'client-secret';
  readonly clientId: string;
  readonly secret: Secret;
}

/** A certificate of the application, in PEM or in PKCS#12. */
export type CertificateCredential = PemCertificate | PfxCertificate;

export interface PemCertificate {
  readonly kind: 'certificate';
  readonly clientId: string;
  /** PEM file of the certificate; of its key too when `keyPath` is missing. */
  readonly path: string;
  readonly keyPath?: string | undefined;
}

export interface PfxCertificate {
  readonly kind: 'certificate';
  readonly clientId: string;
  /** PKCS#12 file of the certificate and its key. */
  readonly pfx: string;
  readonly password?: Secret | undefined;
}

export interface WorkloadIdentityCredential {
  readonly kind: 'workload-identity';
  readonly clientId: string;
  /** File of the external token, such as the one that Kubernetes projects. */
  readonly tokenFile: string;
}

export interface ManagedIdentityCredential {
  readonly kind: 'managed-identity';
  /** Names a user-assigned identity, as `resourceId` does; without both it is the system-assigned one. */
  readonly clientId?: string | undefined;
  readonly resourceId?: string | undefined;
}

/** A person who signed in with a device code, by the refresh token that the sign-in left. */
export interface UserCredential {
  readonly kind: 'user';
  /** Of a public client. */
  readonly clientId: string;
  /** File of the encrypted refresh token. */
  readonly cache: string;
  /** What the file is encrypted with. */
  readonly key: Secret;
}

/** The credentials of an application that has a client id and proves itself at Entra ID's token endpoint. */
export type ApplicationCredential = Exclude<Credential, ManagedIdentityCredential | UserCredential>;

/** When a credential is renewed by itself. */
export interface Rotation {
  /** How long before its end, ms. */
  readonly before: number;
}

/** What the configuration says of a tenant's identity. */
export type TenantAuth = Credential & { readonly rotate?: Rotation | undefined };
