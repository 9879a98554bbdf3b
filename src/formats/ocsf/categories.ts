// The categories of OCSF's classes, with the schema's captions.

export const uncategorized = { uid: 0, caption: 'Uncategorized' };
export const system = { uid: 1, caption: 'System Activity' };
export const findings = { uid: 2, caption: 'Findings' };
export const iam = { uid: 3, caption: 'Identity & Access Management' };
export const network = { uid: 4, caption: 'Network Activity' };
export const discovery = { uid: 5, caption: 'Discovery' };
export const application = { uid: 6, caption: 'Application Activity' };
