import type { Body } from './assemble.ts';
import { findings } from './categories.ts';
import { chosen, unknown } from './choice.ts';
import type { EventDraft } from './event-draft.ts';
import { attackList, commentMembers, findingActivity, findingInfo } from './finding.ts';
import { hostMembers } from './host.ts';
import { incidentAlerts } from './incident-alerts.ts';
import { list, member, text } from './json.ts';
import { analystObject } from './party.ts';
import { addRest } from './rest.ts';
import { classificationVerdict, incidentStatus } from './verdict.ts';

const type = { uid: 2005, caption: 'Incident Finding', category: findings };
/** The schema wants an assignee, which a new incident does not have. */
const unassigned = 'unassigned';

/** An incident, with the alerts that it consists of where the record brings them, else itself as its one finding. */
export function incidentFinding(draft: EventDraft, mostAlerts: number): Body {
  const { event } = draft;
  const { status, classification, determination, assignedTo } = event;
  draft.addProfile('incident');
  const attacks = attackList(draft);
  const alerts = incidentAlerts(draft, mostAlerts);
  const assignee = analystObject(assignedTo) || analystObject(unassigned);
  const members =
    chosen(
      'status_id',
      'status',
      status === undefined || text(status) === '' ? unknown : incidentStatus(status),
    ) +
    member('desc', text(event.description)) +
    member('assignee', assignee) +
    (classification === undefined || text(classification) === ''
      ? ''
      : chosen('verdict_id', 'verdict', classificationVerdict(classification, determination))) +
    member('src_url', draft.url('', 'src_url', event.incidentUrl)) +
    member('attacks', attacks) +
    commentMembers(draft) +
    member('finding_info_list', alerts === '' ? list([findingInfo(draft, '')]) : alerts) +
    hostMembers(draft);
  addRest(draft, ['process']);
  return { type, activity: findingActivity(event), members };
}
