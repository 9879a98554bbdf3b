import { beaconing, cloudKeyTheft, passwordSpray } from './intrusion.ts';
import { ransomware, unwantedSoftware, webShell } from './malware.ts';
import { consentPhishing, phishingToExfiltration } from './phishing.ts';
import type { Story } from './story.ts';

/** Every story that is told; `weight` says how often. */
export const stories: readonly Story[] = [
  phishingToExfiltration,
  consentPhishing,
  ransomware,
  unwantedSoftware,
  webShell,
  passwordSpray,
  beaconing,
  cloudKeyTheft,
];

const weights = stories.reduce((sum, story) => sum + story.weight, 0);

/** Returns the story at `share` (0 to 1) of all weights. */
export function storyAt(share: number): Story {
  let left = share * weights;
  for (const story of stories) {
    left -= story.weight;
    if (left < 0) return story;
  }
  return unwantedSoftware;
}
