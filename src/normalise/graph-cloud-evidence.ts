import type { Container } from '../event.ts';
import type { FacetReader, Facets } from './evidence.ts';
import { fileFrom, hashesOf } from './file.ts';
import { isObject, type JsonObject, objectOf, objectsOf, orNone, textOf } from './json-value.ts';

/** Facets of the evidence about clouds, applications, containers and stored objects (API reference §6.4). */
export const cloudFacets: readonly (readonly [type: string, FacetReader])[] = [
  ['azureResourceEvidence', (item) => ({ cloudResource: azureResourceOf(item) })],
  ['amazonResourceEvidence', amazonResource],
  ['googleCloudResourceEvidence', googleCloudResource],
  ['cloudApplicationEvidence', cloudApplication],
  ['oauthApplicationEvidence', oauthApplication],
  ['servicePrincipalEvidence', servicePrincipal],
  ['aiAgentEvidence', aiAgent],
  ['containerEvidence', container],
  ['containerImageEvidence', (item) => ({ container: containerFrom({ image: imageOf(item) }) })],
  ['containerRegistryEvidence', (item) => ({ container: containerFrom({ name: textOf(item.registry) }) })],
  ['kubernetesClusterEvidence', kubernetesCluster],
  ['kubernetesNamespaceEvidence', (item) => ({ container: containerFrom(namespaceOf(item)) })],
  ['kubernetesPodEvidence', (item) => ({ container: containerFrom(podOf(item)) })],
  ['kubernetesControllerEvidence', kubernetesObject],
  ['kubernetesSecretEvidence', kubernetesObject],
  ['kubernetesServiceAccountEvidence', kubernetesObject],
  ['kubernetesServiceEvidence', kubernetesObject],
  ['blobEvidence', blob],
  ['blobContainerEvidence', blobContainer],
  ['sasTokenEvidence', (item) => ({ cloudResource: azureResourceOf(item.storageResource) })],
  ['fileHashEvidence', (item) => ({ file: fileFrom(hashesOf([item])) })],
];

function azureResourceOf(value: unknown) {
  if (!isObject(value)) return undefined;
  const id = textOf(value.resourceId);
  const resource = orNone({
    id,
    name: textOf(value.resourceName),
    type: textOf(value.resourceType),
    account: /^\/subscriptions\/([^/]+)/i.exec(id ?? '')?.[1],
  });
  return resource && { provider: 'azure' as const, ...resource };
}

function amazonResource(item: JsonObject): Facets {
  const resource = orNone({
    id: textOf(item.amazonResourceId),
    name: textOf(item.resourceName),
    type: textOf(item.resourceType),
    account: textOf(item.amazonAccountId),
  });
  return { cloudResource: resource && { provider: 'aws', ...resource } };
}

function googleCloudResource(item: JsonObject): Facets {
  const resource = orNone({
    id: textOf(item.fullResourceName),
    name: textOf(item.resourceName),
    type: textOf(item.resourceType),
    account: textOf(item.projectId),
  });
  return { cloudResource: resource && { provider: 'gcp', ...resource } };
}

function cloudApplication(item: JsonObject): Facets {
  return {
    application: orNone({
      name: textOf(item.displayName),
      id: textOf(item.appId) ?? textOf(item.saasAppId),
      instanceName: textOf(item.instanceName),
      publisher: undefined,
    }),
  };
}

function oauthApplication(item: JsonObject): Facets {
  return {
    application: orNone({
      name: textOf(item.displayName),
      id: textOf(item.appId),
      instanceName: undefined,
      publisher: textOf(item.publisher),
    }),
  };
}

function servicePrincipal(item: JsonObject): Facets {
  return {
    application: orNone({
      name: textOf(item.servicePrincipalName),
      id: textOf(item.appId),
      instanceName: undefined,
      publisher: undefined,
    }),
  };
}

function aiAgent(item: JsonObject): Facets {
  return {
    application: orNone({
      name: textOf(item.agentName),
      id: textOf(item.agentId),
      instanceName: undefined,
      publisher: undefined,
    }),
  };
}

function containerFrom(values: { readonly [Field in keyof Container]?: string | undefined }) {
  return orNone({
    id: values.id,
    name: values.name,
    image: values.image,
    pod: values.pod,
    namespace: values.namespace,
    cluster: values.cluster,
  });
}

function container(item: JsonObject): Facets {
  return {
    container: containerFrom({
      ...podOf(item.pod),
      id: textOf(item.containerId),
      name: textOf(item.name),
      image: imageOf(item.image),
    }),
  };
}

function imageOf(value: unknown): string | undefined {
  const image = objectOf(value);
  return textOf(image.imageId) ?? textOf(objectOf(image.digestImage).imageId);
}

function podOf(value: unknown) {
  const pod = objectOf(value);
  return { pod: textOf(pod.name), ...namespaceOf(pod.namespace) };
}

function namespaceOf(value: unknown) {
  const namespace = objectOf(value);
  return { namespace: textOf(namespace.name), cluster: textOf(objectOf(namespace.cluster).name) };
}

function kubernetesCluster(item: JsonObject): Facets {
  return {
    container: containerFrom({ cluster: textOf(item.name) }),
    cloudResource: azureResourceOf(item.cloudResource),
  };
}

function kubernetesObject(item: JsonObject): Facets {
  return { container: containerFrom({ name: textOf(item.name), ...namespaceOf(item.namespace) }) };
}

function blob(item: JsonObject): Facets {
  const name = textOf(item.name);
  const hashes = orNone(hashesOf(objectsOf(item.fileHashes)));
  return {
    container: containerFrom({ id: textOf(item.url), name }),
    file: hashes && fileFrom({ name, ...hashes }),
    cloudResource: azureResourceOf(objectOf(item.blobContainer).storageResource),
  };
}

function blobContainer(item: JsonObject): Facets {
  return {
    container: containerFrom({ id: textOf(item.url), name: textOf(item.name) }),
    cloudResource: azureResourceOf(item.storageResource),
  };
}
