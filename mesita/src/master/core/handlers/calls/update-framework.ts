import type { scheduler } from '@mesita/sdk/types';
import { deepEqual } from '../../deep-equal.ts';
import type { Framework } from '../../framework.ts';
import { tellAgentsOfFramework, updateFramework } from '../../framework-life.ts';
import type { Turn } from '../../turn.ts';
import { validateFrameworkUpdate } from '../../validation/framework-info.ts';
import {
  reasonNotAuthorized,
  reasonToRefuse,
  reasonToRefuseTerms,
  termsOf,
} from '../subscription.ts';

interface Answer {
  readonly status: number;
  readonly body?: string | undefined;
}

/** The one call whose outcome is in its answer. Nothing changes unless all of it may. */
export function updateFrameworkCall(
  turn: Turn,
  framework: Framework,
  call: scheduler.Call.UpdateFramework,
): Answer {
  const info = call.frameworkInfo;
  const invalid = reasonToRefuse(turn, info);
  if (invalid !== undefined) return bad(`Supplied FrameworkInfo is not valid: ${invalid}`);
  const illegal = validateFrameworkUpdate(framework.info, info);
  if (illegal !== undefined) return bad(`FrameworkInfo update is not valid: ${illegal}`);
  const terms = reasonToRefuseTerms(turn, info, call);
  if (terms !== undefined) return bad(`'UpdateFramework' call is not valid: ${terms}`);
  const forbidden = reasonNotAuthorized(framework.approvers, info);
  if (forbidden !== undefined) return { status: 403, body: forbidden };
  const isChanged = !deepEqual(framework.info, info);
  updateFramework(turn, framework, info, termsOf(call));
  if (isChanged) tellAgentsOfFramework(turn, framework);
  return { status: 200 };
}

function bad(body: string): Answer {
  return { status: 400, body };
}
