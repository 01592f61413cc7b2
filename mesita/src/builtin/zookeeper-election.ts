import { param } from '@mesita/sdk/module';

/** Of nodes whose content is a master in JSON: `json.info_0000000042`. */
export const JSON_LABEL = 'json.info';
/** Of nodes that masters before Mesos 0.24 wrote, in protobuf. */
export const PROTOBUF_LABEL = 'info';

export const zookeeperParameters = {
  url: param.secret({
    required: true,
    help: 'zk://[user:password@]host:port,…/path, as of --zk.',
  }),
  session_timeout: param.duration({
    default: '10secs',
    help: 'A master that ZooKeeper does not hear of for so long leads no longer.',
  }),
};
