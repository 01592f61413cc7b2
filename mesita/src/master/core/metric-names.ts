// Counters that exist from the start, so that whoever watches them sees a zero and not a gap.

const messages = [
  'authenticate',
  'deactivate_framework',
  'decline_offers',
  'executor_to_framework',
  'exited_executor',
  'framework_to_executor',
  'kill_task',
  'launch_tasks',
  'operation_status_update',
  'operation_status_update_acknowledgement',
  'reconcile_operations',
  'reconcile_tasks',
  'register_framework',
  'register_slave',
  'reregister_framework',
  'reregister_slave',
  'resource_request',
  'revive_offers',
  'status_update',
  'status_update_acknowledgement',
  'suppress_offers',
  'unregister_framework',
  'unregister_slave',
  'update_slave',
].map((name) => `messages_${name}`);

const judged = [
  'executor_to_framework_messages',
  'framework_to_executor_messages',
  'operation_status_update_acknowledgements',
  'operation_status_updates',
  'status_update_acknowledgements',
  'status_updates',
].flatMap((name) => [`valid_${name}`, `invalid_${name}`]);

const slaves = [
  'recovery_slave_removals',
  'slave_registrations',
  'slave_removals',
  'slave_removals/reason_registered',
  'slave_removals/reason_unhealthy',
  'slave_removals/reason_unregistered',
  'slave_reregistrations',
  'slave_shutdowns_canceled',
  'slave_shutdowns_completed',
  'slave_shutdowns_scheduled',
  'slave_unreachable_canceled',
  'slave_unreachable_completed',
  'slave_unreachable_scheduled',
];

const ends = [
  'dropped',
  'error',
  'failed',
  'finished',
  'gone',
  'gone_by_operator',
  'killed',
  'lost',
];

export const counterNames: readonly string[] = [
  'dropped_messages',
  'event_queue_dispatches',
  'event_queue_http_requests',
  'event_queue_messages',
  'http_cache_hits',
  'operator_event_stream_subscribers',
  ...messages,
  ...judged,
  ...slaves,
  ...ends.map((end) => `tasks_${end}`),
];

export const operationTypes = [
  'create',
  'create_disk',
  'destroy',
  'destroy_disk',
  'grow_volume',
  'reserve',
  'shrink_volume',
  'unreserve',
] as const;

export const operationStates = [
  'dropped',
  'error',
  'failed',
  'finished',
  'gone_by_operator',
  'pending',
  'recovering',
  'unreachable',
] as const;

const calls = [
  'accept',
  'accept_inverse_offers',
  'acknowledge',
  'acknowledge_operation_status',
  'decline',
  'decline_inverse_offers',
  'kill',
  'message',
  'reconcile',
  'reconcile_operations',
  'request',
  'revive',
  'shutdown',
  'subscribe',
  'suppress',
  'teardown',
  'update_framework',
];

const events = [
  'error',
  'failure',
  'heartbeat',
  'inverse_offers',
  'message',
  'offers',
  'rescind',
  'rescind_inverse_offer',
  'subscribed',
  'update',
  'update_operation_status',
];

/** Below `master/frameworks/<name>/<id>/`. */
export const frameworkCounterNames: readonly string[] = [
  'calls',
  ...calls.map((call) => `calls/${call}`),
  'events',
  ...events.map((event) => `events/${event}`),
  ...['accepted', 'declined', 'rescinded', 'sent'].map((fate) => `offers/${fate}`),
  'operations',
  ...[...operationTypes, 'launch', 'launch_group'].map((type) => `operations/${type}`),
  ...['killing', 'running', 'staging', 'starting', 'unknown', 'unreachable'].map(
    (state) => `tasks/active/task_${state}`,
  ),
  ...ends.map((end) => `tasks/terminal/task_${end}`),
];
