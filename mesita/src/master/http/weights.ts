// `/weights`.
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { readJsonBody } from '../../net/json-body.ts';
import { json } from '../../net/jsonp.ts';
import { fromJsonList, parseTextAs, toJson } from '../../wire/json.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import type { MasterSurface } from './surface.ts';

export async function weights(surface: MasterSurface, request: HttpRequest): Promise<HttpResponse> {
  if (request.method === 'GET') {
    const list = [...surface.state.weights].map(([role, weight]) =>
      toJson(mesos.WeightInfo, { role, weight }),
    );
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
  return infos.ok ? surface.updateWeights(infos.value) : infos.error;
}
