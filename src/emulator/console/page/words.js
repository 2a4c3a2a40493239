// What the page says, in the language that the browser asks for first among those that it can speak.

const ENGLISH = {
  title: 'Embedded cloud', skip: 'Skip to the page', pages: 'Pages', parts: 'Parts of the function', region: 'Region',
  functions: 'Functions', name: 'Name', runtime: 'Runtime', memory: 'Memory', state: 'State', modified: 'Last modified',
  search: 'Search names and descriptions', shown: '{first} to {last} of {count}', none: 'There is no function here.',
  noneFound: 'No function is called so.', back: 'Back', on: 'Further', facts: '{runtime} · {memory} MB · {state} · modified {modified}',
  settings: 'Settings', code: 'Code', triggers: 'Triggers', test: 'Test', gone: 'This function is no longer there.',
  refused: 'This could not be shown', lost: 'The cloud does not answer. What is shown is as it was; the page goes on when the cloud does.',
  bounds: '{min} to {max} in steps of {step}', seconds: 'seconds', comma: ', ', cpu: 'vCPU', cpuNote: 'One for each 1 to 4 GB of memory, in steps of 0.05',
  timeout: 'Timeout', concurrency: 'Requests per instance', disk: 'Disk', handler: 'Handler', role: 'Role', description: 'Description',
  internet: 'May reach the internet', environment: 'Environment variables', variable: 'Name of a variable', valueOf: 'Value of {name}',
  variableRule: 'A letter, then letters, digits and _; not FC_ at the start', removeVariable: 'Remove {name}', addVariable: 'Add a variable',
  save: 'Save', saved: 'Saved, and in effect.', collision: 'Somebody else changed this meanwhile',
  collisionHow: 'What you typed is still here and nothing of it was saved. This is what has changed since you began:',
  yours: 'yours', saveOver: 'Save mine over it', takeTheirs: 'Let mine go',
  files: 'Files', text: 'Text of the file', textOf: 'Text of {path}', noText: 'This file is no text, or too long for an editor.',
  removed: 'This file will be removed when you save.', removeFile: 'Remove this file', newFile: 'Path of a new file', add: 'Add',
  newTrigger: 'New trigger', type: 'Type', noTriggers: 'Nothing triggers this function.', auth: 'Who may call', closed: 'Public URL switched off',
  methods: 'Methods', config: 'Configuration', remove: 'Remove', removeTriggerSure: 'Remove the trigger {name}? Its URL will not come back.',
  call: 'Call the function', calling: 'It is running …', called: 'Done.', event: 'Event', eventNote: 'What the handler is given; for most functions, JSON',
  answer: 'Answer', log: 'Log', headers: 'Headers', bytes: 'bytes', logs: 'Logs',
  noLines: 'It has written nothing since the cloud was started.', activity: 'Activity', noActivity: 'Nothing was changed here yet.',
  byKey: 'by access key {key}', byConsole: 'by somebody in the console', came: 'new:', went: 'gone:', absent: 'nothing',
  versions: 'Versions', async: 'Asynchronous calls', scaling: 'Scaling', services: 'Services', domains: 'Domains',
  more: 'More', noJson: 'This is not JSON.', upTo: 'up to {max}', begins: 'Names that begin with', noneBegins: 'No name begins so.',
  version: 'Version', published: 'Published', publish: 'Publish a version', isPublished: 'Published.', versionList: 'Published versions', aliases: 'Aliases',
  noVersions: 'No version was published yet. A version is what is there now, kept under a number.',
  noAliases: 'There is no alias. An alias is a name that leads to a version.', newAlias: 'New alias',
  removeVersion: 'Remove version {version}', removeVersionSure: 'Remove version {version}? Its number will not come back.',
  removeAliasSure: 'Remove the alias {name}?', secondVersion: 'Second version', weight: 'Its share of the calls', weightNote: '0 to 1; the rest goes to the first',
  ofService: 'Versions and aliases are those of the service', qualifier: 'Version or alias', qualifierNote: 'Reserved concurrency is for all of them together',
  unset: 'Nothing is set. These are the values that apply.', unlimited: 'Nothing is set: there is no limit. 0 would stop the function.', removeConfigSure: 'Remove this configuration?',
  eventAge: 'Longest age of an event', retries: 'Further attempts', asyncTask: 'Calls are tasks', onSuccess: 'Where successes go', onFailure: 'Where failures go',
  reserved: 'Reserved concurrency', reservedInstances: 'Instances at most, and reserved', provision: 'Provisioned instances', target: 'Instances kept ready',
  alwaysCpu: 'CPU also when idle', alwaysGpu: 'GPU also when idle', scheduledActions: 'Scheduled actions', trackingPolicies: 'Policies that follow a metric',
  elastic: 'Elastic instances', minInstances: 'Instances at least', onDemandScaling: 'More on demand', mixMode: 'Mixed mode',
  residentPool: 'Resident pool', dispatch: 'Policy of dispatch', horizontalPolicies: 'Horizontal policies', scheduledPolicies: 'Scheduled policies',
  onDemand: 'Instances on demand', maxInstances: 'Instances at most',
  noServices: 'There is no service here. Functions of FC 3.0 need none.', newService: 'New service', goneService: 'This service is no longer there.',
  serviceFacts: 'made {created}', shared: 'What its functions share', removeServiceSure: 'Remove the service {name}, with its versions and aliases?',
  noFunctions: 'This service has no function.', logConfig: 'Logs', vpcConfig: 'VPC', nasConfig: 'NAS', ossMountConfig: 'OSS mounts', tracingConfig: 'Tracing',
  noDomains: 'There is no custom domain here.', newDomain: 'New domain', goneDomain: 'This domain is no longer there.',
  removeDomainSure: 'Remove the domain {name}?', protocol: 'Protocol', routes: 'Routes', route: 'Route', path: 'Path', function: 'Function',
  routesNote: 'A path may end in *. No method means all of them.', removeRoute: 'Remove this route', addRoute: 'Add a route', rewrites: 'Rewrites:',
  certName: 'Name of the certificate', certificate: 'Certificate', privateKey: 'Private key', privateKeyNote: 'Never shown again; left empty, it stays',
  authInfo: 'How callers are known',
};

const CHINESE = {
  title: '内嵌云', skip: '跳到正文', pages: '页面', parts: '函数的各部分', region: '地域',
  functions: '函数', name: '名称', runtime: '运行时', memory: '内存', state: '状态', modified: '最后修改',
  search: '搜索名称和描述', shown: '第 {first} 至 {last} 个，共 {count} 个', none: '这里还没有函数。',
  noneFound: '没有匹配的函数。', back: '上一页', on: '下一页', facts: '{runtime} · {memory} MB · {state} · 修改于 {modified}',
  settings: '配置', code: '代码', triggers: '触发器', test: '测试', gone: '该函数已不存在。',
  refused: '无法显示', lost: '内嵌云没有应答。页面显示的是先前的内容，恢复后会自动更新。',
  bounds: '{min} 至 {max}，步长 {step}', seconds: '秒', comma: '，', cpu: 'vCPU', cpuNote: '每 1 至 4 GB 内存配 1 个 vCPU，步长 0.05',
  timeout: '超时时间', concurrency: '单实例并发度', disk: '磁盘', handler: '请求处理程序', role: '角色', description: '描述',
  internet: '允许访问公网', environment: '环境变量', variable: '变量名', valueOf: '{name} 的值',
  variableRule: '以字母开头，由字母、数字和 _ 组成，不能以 FC_ 开头', removeVariable: '删除 {name}', addVariable: '添加变量',
  save: '保存', saved: '已保存并生效。', collision: '其他人同时修改了这里',
  collisionHow: '您输入的内容仍在这里，尚未保存。自您开始编辑以来，以下内容已变更：',
  yours: '您的', saveOver: '用我的覆盖', takeTheirs: '放弃我的修改',
  files: '文件', text: '文件内容', textOf: '{path} 的内容', noText: '该文件不是文本，或过大而无法编辑。',
  removed: '保存后该文件将被删除。', removeFile: '删除此文件', newFile: '新文件的路径', add: '添加',
  newTrigger: '新建触发器', type: '类型', noTriggers: '该函数没有触发器。', auth: '认证方式', closed: '禁用公网 URL',
  methods: '请求方法', config: '触发器配置', remove: '删除', removeTriggerSure: '删除触发器 {name}？其 URL 将无法恢复。',
  call: '调用函数', calling: '正在运行……', called: '完成。', event: '事件', eventNote: '传给处理程序的内容，通常为 JSON',
  answer: '返回结果', log: '日志', headers: '响应头', bytes: '字节', logs: '日志',
  noLines: '内嵌云启动以来，该函数没有输出。', activity: '操作记录', noActivity: '这里还没有任何变更。',
  byKey: '访问密钥 {key}', byConsole: '控制台', came: '新增：', went: '删除：', absent: '无',
  versions: '版本', async: '异步调用', scaling: '弹性伸缩', services: '服务', domains: '自定义域名',
  more: '更多', noJson: '内容不是 JSON。', upTo: '最大 {max}', begins: '名称前缀', noneBegins: '没有以此开头的名称。',
  version: '版本', published: '发布时间', publish: '发布版本', isPublished: '已发布。', versionList: '已发布的版本', aliases: '别名',
  noVersions: '尚未发布版本。版本以编号保存当前的内容。',
  noAliases: '还没有别名。别名是指向某个版本的名称。', newAlias: '新建别名',
  removeVersion: '删除版本 {version}', removeVersionSure: '删除版本 {version}？该编号将不再使用。',
  removeAliasSure: '删除别名 {name}？', secondVersion: '灰度版本', weight: '灰度流量占比', weightNote: '0 至 1，其余流量由主版本处理',
  ofService: '版本与别名属于服务', qualifier: '版本或别名', qualifierNote: '预留并发对所有版本共同生效',
  unset: '尚未配置，当前按以下值生效。', unlimited: '尚未配置，没有限制。设为 0 会使函数停止。', removeConfigSure: '删除此配置？',
  eventAge: '消息最大存活时间', retries: '最大重试次数', asyncTask: '异步任务模式', onSuccess: '成功时的目标', onFailure: '失败时的目标',
  reserved: '预留并发', reservedInstances: '实例上限与预留数', provision: '预留实例', target: '预留实例数',
  alwaysCpu: 'CPU 常驻分配', alwaysGpu: 'GPU 常驻分配', scheduledActions: '定时策略', trackingPolicies: '指标追踪策略',
  elastic: '弹性实例', minInstances: '最小实例数', onDemandScaling: '启用按量伸缩', mixMode: '混合模式',
  residentPool: '常驻资源池', dispatch: '请求分发策略', horizontalPolicies: '水平伸缩策略', scheduledPolicies: '定时伸缩策略',
  onDemand: '按量实例', maxInstances: '最大实例数',
  noServices: '这里没有服务。FC 3.0 的函数不需要服务。', newService: '新建服务', goneService: '该服务已不存在。',
  serviceFacts: '创建于 {created}', shared: '函数共用的配置', removeServiceSure: '删除服务 {name} 及其版本和别名？',
  noFunctions: '该服务还没有函数。', logConfig: '日志', vpcConfig: '专有网络', nasConfig: 'NAS 文件系统', ossMountConfig: 'OSS 挂载', tracingConfig: '链路追踪',
  noDomains: '这里没有自定义域名。', newDomain: '新建域名', goneDomain: '该域名已不存在。',
  removeDomainSure: '删除域名 {name}？', protocol: '协议', routes: '路由', route: '路由', path: '路径', function: '函数',
  routesNote: '路径可以 * 结尾。不填请求方法表示全部。', removeRoute: '删除此路由', addRoute: '添加路由', rewrites: '重写规则：',
  certName: '证书名称', certificate: '证书', privateKey: '私钥', privateKeyNote: '保存后不再显示；留空则保持不变',
  authInfo: '认证信息',
};

const first = navigator.languages.find(one => /^(en|zh)\b/i.test(one)) ?? 'en';
export const language = /^zh/i.test(first) ? 'zh-CN' : 'en';
/** What says one thing, with the values that it speaks of, in the language of the browser. */
export const speaker = (english, chinese) => (word, values = {}) =>
  (language === 'en' ? english : chinese)[word].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

export const t = speaker(ENGLISH, CHINESE);

const clock = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });

/** A time of the service, in the reader's own zone and words. */
export const time = text => Number.isNaN(Date.parse(text)) ? String(text) : clock.format(new Date(text));

/** What is said in one language only, for the test that there is nothing. */
export const gaps = (english = ENGLISH, chinese = CHINESE) => [
  ...Object.keys(english).filter(word => !(word in chinese)), ...Object.keys(chinese).filter(word => !(word in english))];
