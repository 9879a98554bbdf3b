import type { SimulatedApi } from './api.ts';
import { defenderAlertsApi } from './defender-alerts-api.ts';
import { graphDirectoryApi } from './directory/api.ts';
import { graphAlertsApi } from './graph-alerts-api.ts';
import { siemApi } from './siem-api.ts';

/** Every API of the simulator: to add one, write its file and name it here. */
export const apis: readonly SimulatedApi[] = [graphAlertsApi, defenderAlertsApi, siemApi, graphDirectoryApi];
