import type { ElectionUrl } from '../../wire/election-url.ts';

const port = 2181;
const servers = ['10.0.9.1', '10.0.9.2', '10.0.9.3'].map((host) => ({ host, port }));

/** What masters and agents are started with. */
export const electionAddress: ElectionUrl = { scheme: 'zk', servers, path: '/mesos' };

export const registryPath = `${electionAddress.path}/mesita-registry`;

/** As the network knows them. */
export const serverHosts = servers.map(({ host }) => `${host}:${port}`);

/** `--zk_session_timeout` */
export const sessionTimeoutMs = 10_000;
