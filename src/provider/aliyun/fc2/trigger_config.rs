//! What the types of triggers ask for, side by side; which of them a type wants is the component's business.
//!
//! What the service does not change by an update takes a new trigger.

use crate::model::{Attribute, Kind, Order, Removal};
use crate::provider::aliyun::function_compute::schema::METHODS;

const WORDS: Kind = Kind::List(&Kind::Text(&[]), Order::Set);

/// The fields of every type.
pub const TRIGGER_CONFIG: &[Attribute] = &[
    // No fall-back: an HTTP trigger without it is refused, and it decides who may call.
    Attribute::new("authType", Kind::Text(&["anonymous", "function", "jwt"]), "HTTP: who may call.")
        .removal(Removal::Stays),
    Attribute::new("methods", Kind::List(&METHODS, Order::Set), "HTTP: the methods that are let through.")
        .removal(Removal::Stays),
    Attribute::flag("disableURLInternet", false, "HTTP: whether the address on the internet answers 403."),
    Attribute::text("cronExpression", "Timer: when, as `@every 4m` or six cron fields with seconds first.")
        .removal(Removal::Stays),
    Attribute::new("enable", Kind::Bool, "Timer and log: whether it runs.").removal(Removal::Stays),
    Attribute::text("payload", "Timer: the text that becomes `payload` of the event."),
    Attribute::new("events", WORDS, "OSS: what happens to an object, such as `oss:ObjectCreated:*`.")
        .removal(Removal::Stays),
    Attribute::new("filter", Kind::Object(FILTER), "OSS and CDN: which objects, or which domains."),
    Attribute::new("sourceConfig", Kind::Object(LOG_SOURCE), "Log: what is read."),
    Attribute::new("jobConfig", Kind::Object(LOG_JOB), "Log: how it is read."),
    Attribute::new("logConfig", Kind::Object(LOG_ERRORS), "Log: where errors are written."),
    Attribute::new("functionParameter", Kind::Texts, "Log: what the function is told beside, by name."),
    Attribute::text("notifyContentFormat", "MNS topic: `STREAM` or `JSON`.")
        .removal(Removal::Stays)
        .replaces(),
    Attribute::text("notifyStrategy", "MNS topic: `BACKOFF_RETRY` or `EXPONENTIAL_DECAY_RETRY`.")
        .removal(Removal::Stays)
        .replaces(),
    Attribute::text("filterTag", "MNS topic: which messages.").replaces(),
    Attribute::text("eventName", "CDN: what happens, such as `LogFileCreated`.")
        .removal(Removal::Stays)
        .replaces(),
    Attribute::text("eventVersion", "CDN: `1.0.0`.").removal(Removal::Stays).replaces(),
    Attribute::text("notes", "CDN: words for people."),
    Attribute::flag("triggerEnable", true, "EventBridge: whether it runs."),
    Attribute::flag(
        "asyncInvocationType",
        false,
        "EventBridge: whether the function is called asynchronously.",
    ),
    Attribute::text("eventRuleFilterPattern", "EventBridge: which events, as JSON.")
        .removal(Removal::Text("{}")),
    Attribute::new("eventSourceConfig", Kind::Object(EVENT_SOURCE), "EventBridge: where events come from."),
    Attribute::new("eventSinkConfig", Kind::Object(EVENT_SINK), "EventBridge: how events are handed over."),
    Attribute::new("runOptions", Kind::Object(RUN_OPTIONS), "EventBridge: batches, repeats and failures."),
];

const FILTER: &[Attribute] = &[
    Attribute::new("key", Kind::Object(KEY), "OSS: which objects."),
    Attribute::new("domain", WORDS, "CDN: which domains."),
];

const KEY: &[Attribute] = &[
    Attribute::text("prefix", "What their names begin with."),
    Attribute::text("suffix", "What their names end with."),
];

const LOG_SOURCE: &[Attribute] = &[
    Attribute::text("logstore", "The logstore that is read.").removal(Removal::Stays),
    Attribute::integer("startTime", 0.0, 9_007_199_254_740_991.0, "From when on, in seconds since 1970.")
        .removal(Removal::Stays),
];

const LOG_JOB: &[Attribute] = &[
    Attribute::integer("maxRetryTime", 0.0, 100.0, "How often a call is repeated.")
        .removal(Removal::Number(3.0)),
    Attribute::integer("triggerInterval", 3.0, 600.0, "Seconds between two calls.")
        .removal(Removal::Number(60.0)),
];

const LOG_ERRORS: &[Attribute] = &[
    Attribute::text("project", "The project of the log service.").removal(Removal::Stays),
    Attribute::text("logstore", "The logstore in it.").removal(Removal::Stays),
];

const EVENT_SOURCE: &[Attribute] = &[
    Attribute::text("eventSourceType", "`Default`, `MNS`, `RocketMQ`, `RabbitMQ`, `Kafka`, `MQTT` or `DTS`.")
        .removal(Removal::Stays)
        .replaces(),
    Attribute::new("eventSourceParameters", Kind::Object(SOURCES), "What the source's type asks for."),
];

const SOURCES: &[Attribute] = &[
    Attribute::new("sourceMNSParameters", Kind::Object(MNS), "A queue of MNS."),
    Attribute::new("sourceRocketMQParameters", Kind::Object(ROCKETMQ), "A topic of RocketMQ."),
    Attribute::new("sourceRabbitMQParameters", Kind::Object(RABBITMQ), "A queue of RabbitMQ."),
    Attribute::new("sourceKafkaParameters", Kind::Object(KAFKA), "A topic of Kafka."),
    Attribute::new("sourceMQTTParameters", Kind::Object(MQTT), "A topic of MQTT."),
    Attribute::new("sourceDTSParameters", Kind::Object(DTS), "A data transmission."),
];

const REGION: Attribute = Attribute::text("RegionId", "The region that it is in.");
const INSTANCE: Attribute = Attribute::text("InstanceId", "The instance.");
const TOPIC: Attribute = Attribute::text("Topic", "The topic.");
const QUEUE: Attribute = Attribute::text("QueueName", "The queue.");

const MNS: &[Attribute] =
    &[REGION, QUEUE, Attribute::flag("IsBase64Decode", true, "Whether messages are decoded.")];

const ROCKETMQ: &[Attribute] = &[
    REGION,
    INSTANCE,
    TOPIC,
    Attribute::text("Tag", "Which messages."),
    Attribute::text("Offset", "Where reading begins.").removal(Removal::Text("CONSUME_FROM_LAST_OFFSET")),
    Attribute::integer("Timestamp", 0.0, 9_007_199_254_740_991.0, "From when on.").removal(Removal::Stays),
    Attribute::text("GroupID", "The group of consumers."),
    Attribute::text("FilterType", "How messages are chosen."),
    Attribute::text("AuthType", "`ACL`, or nothing."),
    Attribute::text("InstanceType", "The kind of instance."),
    Attribute::text("InstanceEndpoint", "Its endpoint."),
    Attribute::text("InstanceNetwork", "Its network."),
    Attribute::text("InstanceVpcId", "Its network's id."),
    Attribute::text("InstanceVSwitchIds", "Its switches."),
    Attribute::text("InstanceSecurityGroupId", "Its security group."),
    Attribute::text("InstanceUsername", "Who reads."),
    Attribute::text("InstancePassword", "Their password.").secret(),
];

const RABBITMQ: &[Attribute] =
    &[REGION, INSTANCE, Attribute::text("VirtualHostName", "The virtual host."), QUEUE];

const KAFKA: &[Attribute] = &[
    REGION,
    INSTANCE,
    TOPIC,
    Attribute::text("ConsumerGroup", "The group of consumers."),
    Attribute::text("OffsetReset", "`earliest` or `latest`."),
    Attribute::text("Network", "`Default` or `PublicNetwork`."),
    Attribute::text("VpcId", "The network."),
    Attribute::text("VSwitchIds", "Its switches."),
    Attribute::text("SecurityGroupId", "The security group."),
];

const MQTT: &[Attribute] = &[REGION, INSTANCE, TOPIC];

const DTS: &[Attribute] = &[
    REGION,
    Attribute::text("BrokerUrl", "The broker's address."),
    TOPIC,
    Attribute::text("Sid", "The group of consumers."),
    Attribute::text("Username", "Who reads."),
    Attribute::text("Password", "Their password.").secret(),
    Attribute::integer("InitCheckPoint", 0.0, 9_007_199_254_740_991.0, "From when on.")
        .removal(Removal::Stays),
    Attribute::text("TaskId", "The task."),
];

const EVENT_SINK: &[Attribute] =
    &[Attribute::new("deliveryOption", Kind::Object(DELIVERY), "In which form, and how many at a time.")];

const DELIVERY: &[Attribute] = &[
    Attribute::text("mode", "`event-driven` or `event-streaming`."),
    Attribute::text("eventSchema", "`CloudEvents` or `RawData`.").removal(Removal::Text("CloudEvents")),
    Attribute::integer("concurrency", 1.0, 1000.0, "How many at a time.").removal(Removal::Stays),
];

const RUN_OPTIONS: &[Attribute] = &[
    Attribute::text("mode", "`event-driven` or `event-streaming`."),
    Attribute::integer("maximumTasks", 1.0, 1000.0, "How many readers there are.").removal(Removal::Stays),
    Attribute::text("errorsTolerance", "`NONE` or `ALL`.").removal(Removal::Text("NONE")),
    Attribute::new("retryStrategy", Kind::Object(RETRY), "How calls are repeated."),
    Attribute::new("batchWindow", Kind::Object(BATCH), "How events are gathered."),
    Attribute::new("deadLetterQueue", Kind::Object(DEAD), "Where events go that cannot be handed over."),
];

const RETRY: &[Attribute] =
    &[Attribute::text("PushRetryStrategy", "`BACKOFF_RETRY` or `EXPONENTIAL_DECAY_RETRY`.")];

const BATCH: &[Attribute] = &[
    Attribute::integer("CountBasedWindow", 1.0, 10000.0, "Up to so many.").removal(Removal::Stays),
    Attribute::integer("TimeBasedWindow", 0.0, 3600.0, "For so many seconds.").removal(Removal::Stays),
];

const DEAD: &[Attribute] = &[Attribute::text("Arn", "The queue, as its ARN.")];
