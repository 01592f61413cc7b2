// `/weights`.
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { readJsonBody } from '../../net/json-body.ts';
import { json } from '../../net/jsonp.ts';
import { viewFor } from '../../net/view.ts';
import { fromJsonList, parseTextAs, toJson } from '../../wire/json.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import { getWeights } from './operator-reads.ts';
import { changesBy } from './permissions.ts';
import type { MasterSurface } from './surface.ts';

export async function weights(surface: MasterSurface, request: HttpRequest): Promise<HttpResponse> {
  if (request.method === 'GET') {
    const { weightInfos = [] } = await viewFor(surface, request, (view) =>
      getWeights(surface.state, view),
    );
    const list = weightInfos.map((info) => toJson(mesos.WeightInfo, info));
    return json(request, JSON.stringify(list));
  }
  const infos = await readJsonBody(request, {
    parse: (text) => parseTextAs('array', text),
    read: (value) => fromJsonList(mesos.WeightInfo, value),
    prefixes: (text) => ({
      parse: `Failed to parse update weights request JSON '${text}': `,
      read: `Failed to convert weights JSON array to protobuf '${text}': `,
    }),
  });
  return infos.ok ? changesBy(surface, request).updateWeights(infos.value) : infos.error;
}
