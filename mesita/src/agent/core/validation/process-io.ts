import type { Call } from '@mesita/sdk/types/agent';

/** Why a record behind the first one of ATTACH_CONTAINER_INPUT is refused with 400. */
export function validateInput(call: Call): string | undefined {
  const missing = (name: string) => `Expecting '${name}' to be present`;
  const input = call.attachContainerInput;
  if (!input) return missing('attach_container_input');
  if (input.type !== 'PROCESS_IO') {
    return `Expecting 'attach_container_input.type' to be 'PROCESS_IO' instead of: '${input.type ?? 'UNKNOWN'}'`;
  }
  const io = input.processIo;
  if (!io) return missing('attach_container_input.process_io');
  switch (io.type) {
    case undefined:
      return missing('process_io.type');
    case 'UNKNOWN':
      return "'process_io.type' is unknown";
    case 'CONTROL':
      return io.control ? validateControl(io.control) : missing('process_io.control');
    case 'DATA':
      if (!io.data) return missing('process_io.data');
      if (!io.data.type) return missing('process_io.data.type');
      if (io.data.type !== 'STDIN') return "Expecting 'process_io.data.type' to be 'STDIN'";
      return io.data.data ? undefined : missing('process_io.data.data');
  }
}

type Control = NonNullable<
  NonNullable<NonNullable<Call['attachContainerInput']>['processIo']>['control']
>;

function validateControl({ type, ttyInfo, heartbeat }: Control): string | undefined {
  const missing = (name: string) => `Expecting '${name}' to be present`;
  switch (type) {
    case undefined:
      return missing('process_io.control.type');
    case 'UNKNOWN':
      return "'process_io.control.type' is unknown";
    case 'TTY_INFO':
      if (!ttyInfo) return missing('process_io.control.tty_info');
      return ttyInfo.windowSize ? undefined : missing('tty_info.window_size');
    case 'HEARTBEAT':
      return heartbeat ? undefined : missing('process_io.control.heartbeat');
  }
}
