// `/api/v1/resource_provider`. No provider can subscribe yet, so none ever is: every other call is
// refused as one of a provider that did not subscribe.
import type { Call } from '@mesita/sdk/types/resource-provider';
import { readCall } from '../../net/call.ts';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { acceptedType, JSON_TYPE, notAcceptable, PROTOBUF_TYPE } from '../../net/media-types.ts';
import { refuseMethod } from '../../net/methods.ts';
import { failure } from '../../net/responses.ts';
import * as schema from '../../wire/schema/resource-provider.ts';

export async function resourceProviderApi(request: HttpRequest): Promise<HttpResponse> {
  const refusal = refuseMethod(request.method, 'POST');
  if (refusal) return refusal;
  const call = await readCall(request, schema.Call);
  if (!call.ok) return call.error;
  const invalid = validateCall(call.value);
  if (invalid !== undefined) {
    return failure(400, `Failed to validate resource_provider::Call: ${invalid}`);
  }
  if (call.value.type !== 'SUBSCRIBE') return failure(400, 'Resource provider is not subscribed');
  if (!acceptedType(request, [JSON_TYPE, PROTOBUF_TYPE])) return notAcceptable();
  return failure(501, 'Resource providers are not supported yet');
}

const parts = {
  UPDATE_OPERATION_STATUS: ['updateOperationStatus', 'update_operation_status'],
  UPDATE_STATE: ['updateState', 'update_state'],
  UPDATE_PUBLISH_RESOURCES_STATUS: [
    'updatePublishResourcesStatus',
    'update_publish_resources_status',
  ],
} as const;

function validateCall(call: Call): string | undefined {
  const missing = (name: string) => `Expecting '${name}' to be present`;
  if (call.type === undefined) return missing('type');
  if (call.type === 'UNKNOWN') return undefined;
  if (call.type === 'SUBSCRIBE') return call.subscribe ? undefined : missing('subscribe');
  if (!call.resourceProviderId) return missing('resource_provider_id');
  const [property, name] = parts[call.type];
  return call[property] ? undefined : missing(name);
}
