import { epochMs } from '../fields/instant.ts';
import { Agenda } from './agenda.ts';
import {
  type AlertState,
  idPrefixes,
  isEndpointAlert,
  type SimulatedAlert,
  type SimulatedDetection,
  type VisibleAlert,
  visibleState,
} from './alert.ts';
import { createFirm, type Firm } from './firm.ts';
import { type Change, closing, firstState, lifeOf } from './life.ts';
import { type Random, randomOf } from './random.ts';
import { storyAt } from './stories/index.ts';
import { type Cast, type Chapter, castOf, type Story } from './stories/story.ts';
import { fineInstant, sqlInstant } from './times.ts';

/** What a world is made from: two of the same options are the same at the same time. */
export interface WorldOptions {
  readonly seed: number;
  /** When the world begins, ms since 1970; what is before is its history. */
  readonly startMs: number;
  /** New alerts a minute, from `startMs` on. */
  readonly ratePerMinute: number;
  /** Alerts that exist when the world begins. */
  readonly historyAlerts: number;
  /** How far back the oldest of them is, ms. */
  readonly historySpanMs: number;
  /** The longest time from an update until the APIs show it, ms; six times as long for the SIEM API. */
  readonly visibilityLagMs: number;
  /** Updates that the APIs show far later than that. */
  readonly stragglers: Stragglers;
  /** Which share of the alerts carries hostile text, 0 to 1. */
  readonly hostileShare: number;
}

/** Updates that come late: which share of all, 0 to 1, and by how much at most, ms. */
export interface Stragglers {
  readonly share: number;
  readonly lagMs: number;
}

interface Telling {
  readonly name: string;
  readonly story: Story;
  readonly alerts: SimulatedAlert[];
  readonly incidentId: number;
}

const longestStoryMs = 900_000;
const castsKept = 2000;
/** The SIEM API shows its detections later than the others their alerts: minutes, not seconds (API reference §3.7). */
const detectionLagFactor = 6;

/** The alerts that exist. It goes on when somebody looks: `advanceTo` makes happen what was due since the last look. */
export class World {
  readonly firm: Firm;
  /** In the order in which they appeared. */
  readonly alerts: SimulatedAlert[] = [];
  /** Parts of endpoint alerts, in the order in which they were processed. */
  readonly detections: SimulatedDetection[] = [];
  readonly #options: WorldOptions;
  readonly #agenda = new Agenda();
  readonly #casts = new Map<string, Cast>();
  #now = Number.NEGATIVE_INFINITY;
  #tellings = 0;
  #nextStoryAt: number;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.firm = createFirm(options.seed);
    this.#tellHistory();
    this.#nextStoryAt = options.ratePerMinute > 0 ? options.startMs : Number.POSITIVE_INFINITY;
  }

  /** Makes happen what is due up to `now`, ms since 1970. A time before the last one changes nothing. */
  advanceTo(now: number): void {
    while (Math.min(this.#agenda.nextAt, this.#nextStoryAt) <= now) {
      if (this.#nextStoryAt <= this.#agenda.nextAt) this.#tellNext();
      else this.#agenda.actNext();
    }
    this.#now = Math.max(this.#now, now);
  }

  /** Returns the alerts that the APIs show at `now`, each in the state that they show. */
  visible(now: number): VisibleAlert[] {
    this.advanceTo(now);
    const seen: VisibleAlert[] = [];
    for (const alert of this.alerts) {
      const state = visibleState(alert, now);
      if (state !== undefined) seen.push({ alert, state });
    }
    return seen;
  }

  /** Returns who and what an alert is about. */
  cast(alert: SimulatedAlert): Cast {
    const known = this.#casts.get(alert.telling);
    if (known !== undefined) return known;
    if (this.#casts.size >= castsKept) this.#casts.clear();
    const cast = castOf(this.firm, alert.telling);
    this.#casts.set(alert.telling, cast);
    return cast;
  }

  /** Changes `alerts` at `now`, all with the same update time. */
  bulkUpdate(alerts: readonly SimulatedAlert[], change: Partial<AlertState>, now: number): void {
    this.advanceTo(now);
    for (const alert of alerts) this.#update(alert, () => change, now);
  }

  #tellHistory(): void {
    const { historyAlerts, historySpanMs, startMs } = this.#options;
    let counted = 0;
    let count = 0;
    while (counted < historyAlerts) {
      counted += this.#storyOf(count).chapters.length;
      count += 1;
    }
    const pace = Math.min(1, historySpanMs / (4 * longestStoryMs));
    const room = Math.max(0, historySpanMs - longestStoryMs * pace - 5000);
    let left = historyAlerts;
    for (let index = 0; index < count; index += 1) {
      const begin = startMs - historySpanMs + ((index + this.#chance('begin').next()) / count) * room;
      const chapters = Math.min(left, this.#storyOf(index).chapters.length);
      left -= chapters;
      this.#tell(Math.floor(begin), pace, chapters);
    }
  }

  #tellNext(): void {
    const begin = this.#nextStoryAt;
    const chapters = this.#storyOf(this.#tellings).chapters.length;
    const gap = (chapters / this.#options.ratePerMinute) * 60_000 * (0.5 + this.#chance('gap').next());
    this.#tell(begin, 1, chapters);
    this.#nextStoryAt = begin + Math.max(1, Math.round(gap));
  }

  #chance(what: string): Random {
    return randomOf(this.#options.seed, what, this.#tellings);
  }

  #storyOf(index: number): Story {
    return storyAt(randomOf(this.#options.seed, 'story', index).next());
  }

  #tell(begin: number, pace: number, chapters: number): void {
    const number = this.#tellings;
    const random = this.#chance('telling');
    const story = this.#storyOf(number);
    const telling: Telling = {
      name: `${this.#options.seed}/${number}`,
      story,
      alerts: [],
      incidentId: 4000 + number,
    };
    this.#tellings += 1;
    let last = begin;
    for (const [index, chapter] of story.chapters.slice(0, chapters).entries()) {
      const [least, most] = chapter.after;
      const created = begin + Math.floor((least + random.next() * (most - least)) * 1000 * pace);
      const updated = created + Math.floor((200 + random.next() * 2800) * pace);
      last = Math.max(last, updated);
      this.#agenda.add(updated, () => this.#create(telling, chapter, index, created, updated));
    }
    if (random.chance(0.25)) {
      const at = last + Math.round(60_000 * 240 ** random.next());
      const close = closing(telling.name);
      this.#agenda.add(at, () => {
        for (const alert of telling.alerts) this.#update(alert, close, at);
      });
    }
  }

  #create(telling: Telling, chapter: Chapter, index: number, created: number, updated: number): void {
    const random = randomOf(telling.name, 'alert', index);
    const providerId = `${random.guid()}_1`;
    const [least, most] = chapter.late ?? [2, 90];
    const late = least + random.next() ** 3 * (most - least);
    const happened = Math.floor(created - late * 1000);
    const facts: Omit<SimulatedAlert, 'states'> = {
      providerId,
      id: `${idPrefixes[chapter.service]}${providerId}`,
      chapter,
      chapterNumber: index,
      telling: telling.name,
      created: fineInstant(created, random.between(0, 9999)),
      firstActivity: fineInstant(happened, random.between(0, 9999)),
      hostile: random.chance(this.#options.hostileShare) ? random.between(1, 1000) : 0,
    };
    const state: AlertState = {
      ...firstState(chapter, telling.incidentId),
      updated: sqlInstant(updated),
      visibleAt: updated + this.#lag(random),
    };
    const alert: SimulatedAlert = { ...facts, states: [state] };
    telling.alerts.push(alert);
    this.alerts.push(alert);
    this.#detect(alert, 0, updated, random);
    for (const planned of lifeOf(alert)) {
      const at = updated + planned.afterMs;
      this.#agenda.add(at, () => this.#update(alert, planned.change, at));
    }
  }

  #update(alert: SimulatedAlert, change: Change, at: number): void {
    const before = alert.states.at(-1);
    if (before === undefined) return;
    const random = randomOf(alert.telling, 'update', alert.chapterNumber, alert.states.length);
    const ticks = random.between(0, 9999);
    const changes = change(before, () => fineInstant(at, ticks));
    if (Object.keys(changes).length === 0) return;
    // Two states of one alert never share an update time: it is what tells them apart.
    const due = sqlInstant(at);
    const updated = due > before.updated ? due : sqlInstant(epochMs(before.updated) + 4);
    const state = { ...before, ...changes, updated, visibleAt: at + this.#lag(random) };
    alert.states.push(state);
    if (state.evidenceHidden < before.evidenceHidden) {
      for (let part = 1; part <= before.evidenceHidden - state.evidenceHidden; part += 1) {
        this.#detect(alert, part, at, random);
      }
    }
  }

  #detect(alert: SimulatedAlert, part: number, at: number, random: Random): void {
    if (!isEndpointAlert(alert)) return;
    this.detections.push({
      alert,
      part,
      processed: fineInstant(at, random.between(0, 9999)),
      visibleAt: at + this.#lag(random) * detectionLagFactor,
    });
  }

  #lag(random: Random): number {
    const { share, lagMs } = this.#options.stragglers;
    if (share > 0 && random.chance(share)) return Math.floor(random.next() * lagMs);
    const longest = this.#options.visibilityLagMs;
    return Math.floor(random.next() * (random.chance(0.8) ? Math.min(1500, longest) : longest));
  }
}
