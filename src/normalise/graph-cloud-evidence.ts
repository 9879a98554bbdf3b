import type { Application, CloudResource, Container } from '../event.ts';
import { type Draft, type FacetReader, facet } from './evidence.ts';
import { fileFrom, hashesOf } from './file.ts';
import { isObject, type JsonObject, objectOf, objectsOf, orNone, textOf } from './json-value.ts';

/** Facets of the evidence about clouds, applications, containers and stored objects (API reference §6.4). */
export const cloudFacets: readonly (readonly [type: string, FacetReader])[] = [
  ['azureResourceEvidence', facet('cloudResource', azureResourceOf)],
  ['amazonResourceEvidence', facet('cloudResource', amazonResourceOf)],
  ['googleCloudResourceEvidence', facet('cloudResource', googleCloudResourceOf)],
  ['cloudApplicationEvidence', facet('application', cloudApplicationOf)],
  ['oauthApplicationEvidence', facet('application', oauthApplicationOf)],
  ['servicePrincipalEvidence', facet('application', servicePrincipalOf)],
  ['aiAgentEvidence', facet('application', aiAgentOf)],
  ['containerEvidence', facet('container', containerOf)],
  ['containerImageEvidence', facet('container', (item) => containerFrom({ image: imageOf(item) }))],
  ['containerRegistryEvidence', facet('container', (item) => containerFrom({ name: textOf(item.registry) }))],
  ['kubernetesClusterEvidence', kubernetesCluster],
  ['kubernetesNamespaceEvidence', facet('container', (item) => containerFrom(namespaceOf(item)))],
  ['kubernetesPodEvidence', facet('container', (item) => containerFrom(podOf(item)))],
  ['kubernetesControllerEvidence', facet('container', kubernetesObjectOf)],
  ['kubernetesSecretEvidence', facet('container', kubernetesObjectOf)],
  ['kubernetesServiceAccountEvidence', facet('container', kubernetesObjectOf)],
  ['kubernetesServiceEvidence', facet('container', kubernetesObjectOf)],
  ['blobEvidence', blob],
  ['blobContainerEvidence', blobContainer],
  ['sasTokenEvidence', facet('cloudResource', (item) => azureResourceOf(item.storageResource))],
  ['fileHashEvidence', facet('file', (item) => fileFrom(hashesOf([item])))],
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

function amazonResourceOf(item: JsonObject): CloudResource | undefined {
  const resource = orNone({
    id: textOf(item.amazonResourceId),
    name: textOf(item.resourceName),
    type: textOf(item.resourceType),
    account: textOf(item.amazonAccountId),
  });
  return resource && { provider: 'aws', ...resource };
}

function googleCloudResourceOf(item: JsonObject): CloudResource | undefined {
  const resource = orNone({
    id: textOf(item.fullResourceName),
    name: textOf(item.resourceName),
    type: textOf(item.resourceType),
    account: textOf(item.projectId),
  });
  return resource && { provider: 'gcp', ...resource };
}

function cloudApplicationOf(item: JsonObject): Application | undefined {
  return orNone({
    name: textOf(item.displayName),
    id: textOf(item.appId) ?? textOf(item.saasAppId),
    instanceName: textOf(item.instanceName),
    publisher: undefined,
  });
}

function oauthApplicationOf(item: JsonObject): Application | undefined {
  return orNone({
    name: textOf(item.displayName),
    id: textOf(item.appId),
    instanceName: undefined,
    publisher: textOf(item.publisher),
  });
}

function servicePrincipalOf(item: JsonObject): Application | undefined {
  return orNone({
    name: textOf(item.servicePrincipalName),
    id: textOf(item.appId),
    instanceName: undefined,
    publisher: undefined,
  });
}

function aiAgentOf(item: JsonObject): Application | undefined {
  return orNone({
    name: textOf(item.agentName),
    id: textOf(item.agentId),
    instanceName: undefined,
    publisher: undefined,
  });
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

function containerOf(item: JsonObject): Container | undefined {
  return containerFrom({
    ...podOf(item.pod),
    id: textOf(item.containerId),
    name: textOf(item.name),
    image: imageOf(item.image),
  });
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

function kubernetesCluster(item: JsonObject, draft: Draft): void {
  draft.container = containerFrom({ cluster: textOf(item.name) });
  draft.cloudResource = azureResourceOf(item.cloudResource);
}

function kubernetesObjectOf(item: JsonObject): Container | undefined {
  return containerFrom({ name: textOf(item.name), ...namespaceOf(item.namespace) });
}

function blob(item: JsonObject, draft: Draft): void {
  const name = textOf(item.name);
  const hashes = orNone(hashesOf(objectsOf(item.fileHashes)));
  draft.container = containerFrom({ id: textOf(item.url), name });
  draft.file = hashes && fileFrom({ name, ...hashes });
  draft.cloudResource = azureResourceOf(objectOf(item.blobContainer).storageResource);
}

function blobContainer(item: JsonObject, draft: Draft): void {
  draft.container = containerFrom({ id: textOf(item.url), name: textOf(item.name) });
  draft.cloudResource = azureResourceOf(item.storageResource);
}
