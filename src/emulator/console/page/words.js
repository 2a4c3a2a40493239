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
