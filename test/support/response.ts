import { type HttpResponse, type ReceivedResponse, receivedResponse } from '../../src/http/client.ts';

/** Returns what a client receives when it is answered so. */
export function responseOf({ status, headers, body }: HttpResponse): ReceivedResponse {
  return receivedResponse({ status, headers, bytes: Buffer.from(body) });
}
