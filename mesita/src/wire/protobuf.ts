// The binary codec. Messages are plain objects described by the tables in schema/.
export { decode } from './protobuf/decode.ts';
export { encode } from './protobuf/encode.ts';
