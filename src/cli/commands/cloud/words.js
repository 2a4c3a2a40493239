// What the page about the project says, in both languages.

import { gaps as missing, speaker } from '/assets/words.js';

const ENGLISH = {
  looking: 'Looking at the project and the cloud …', cannot: 'The project cannot be planned as it is',
  cannotHow: 'This is what the commands say of it. The page goes on by itself once it is mended.',
  heading: 'Project {project}', environment: 'environment {name}', serial: 'state serial {serial}', noState: 'nothing deployed yet', at: 'as of {time}',
  add: '{count} to create', change: '{count} to change', replace: '{count} to replace', delete: '{count} to delete', move: '{count} to move',
  'take-over': '{count} to take over', forget: '{count} to forget', online: '{count} edited online', open: '{count} to decide',
  accepted: '{count} accepted', ignored: '{count} ignored by rules',
  empty: 'The project declares nothing, and nothing of it is recorded.',
  quiet: 'All quiet: project, record and cloud agree.', quietBut: 'Nothing to do: what differs was accepted, or is ignored by rules.',
  catchesUp: 'Nothing to do: project and cloud agree; the record catches up at the next apply.',
  fresh: 'Nothing was deployed from here yet. The next apply makes all of this.',
  said: 'Also said', unset: 'Variables are not set where the cloud runs, so what the project wants is not known. What is recorded and what is live is compared all the same.',
  plan: 'Open the whole plan', differences: 'In the plan, with the differences', inPlan: 'In the plan', resources: 'What moves', still: 'Unchanged: {count}', stillUnset: 'Not changed online: {count}', untouched: 'Nothing was changed online.',
  strangers: 'Also online, not yours', stranger: 'kept as it is', setting: 'Setting', config: 'Project', recorded: 'Recorded', live: 'Live', next: 'The next plan',
  createDeed: 'create', changeDeed: 'change', undecidedDeed: 'asks', keepDeed: 'keep', 'take overDeed': 'take over', replaceDeed: 'replace',
  deleteDeed: 'delete', forgetDeed: 'forget', releaseDeed: 'release', recordDeed: 'record', moveDeed: 'move',
  editedAt: 'edited online, {time}', edited: 'edited online', deletedOnline: 'deleted online', movesFrom: 'moves from {address}',
  exists: 'It exists and was not deployed from here. use-local takes it over and writes what differs; use-live takes it over as it is.',
  'deleted-online': 'It was deleted online. use-local creates it again; use-live leaves it deleted.',
  'left-and-drifted': 'It is to be deleted, and it was edited online. use-local deletes it; use-live keeps it online and forgets its record.',
  'replaced-and-drifted': 'It is to be replaced, and what is there was edited online. use-local replaces it; use-live keeps what is there.',
  'edited-since': 'It was edited online since that apply.', covered: 'It follows the answer for {address}.',
  unchanged: 'unchanged', converged: 'converged', edit: 'edit', drift: 'drift', conflict: 'conflict',
  writes: 'writes {goal}', removes: 'removes it', asks: 'asks: use-local {local}, use-live keeps {live}',
  cannotGoBack: 'asks: use-live keeps {live}; use-local cannot, declare a value for it', accept: 'keeps it, accepted', stays: 'no longer declared, stays',
  agrees: 'they agree again; only recorded', goes: 'goes with the resource', acceptedRow: 'accepted earlier, stays', ignoredRow: 'ignored by the rule {rule}',
  forces: 'forces replacement', none: 'none', never: 'never recorded', secret: 'secret', secretFrom: 'secret from {from}', later: 'known after apply',
  declaredAs: '{observed}, declared {declared}', acceptedAs: '{observed}, accepted over {declared}',
  made: '{count} settings', files: '{count} files of code', agree: '{count} as declared or left as they are', old: 'Edited online on the old one',
  rest: 'All settings that did not move', nothingElse: 'There are no others.', page: 'On its page', loading: 'Loading …',
};

const CHINESE = {
  looking: '正在查看项目和云端……', cannot: '项目目前无法生成计划',
  cannotHow: '以下是命令行给出的说明。修复后页面会自动更新。',
  heading: '项目 {project}', environment: '环境 {name}', serial: '状态序号 {serial}', noState: '尚未部署', at: '截至 {time}',
  add: '创建 {count}', change: '更改 {count}', replace: '替换 {count}', delete: '删除 {count}', move: '移动 {count}',
  'take-over': '接管 {count}', forget: '移除记录 {count}', online: '在线修改 {count}', open: '待决定 {count}',
  accepted: '已接受 {count}', ignored: '按规则忽略 {count}',
  empty: '项目没有声明任何资源，也没有任何记录。',
  quiet: '一切一致：项目、记录和云端相同。', quietBut: '无需操作：差异已被接受，或按规则忽略。',
  catchesUp: '无需操作：项目与云端一致，下次应用时更新记录。',
  fresh: '尚未从这里部署过。下次应用会创建以下所有资源。',
  said: '其他说明', unset: '内嵌云的运行环境中有变量未设置，因此不知道项目想要什么。这里仍然对比记录与线上的内容。',
  plan: '打开完整计划', differences: '在计划中查看差异', inPlan: '在计划中查看', resources: '有变化的资源', still: '无变化：{count}', stillUnset: '线上未变：{count}', untouched: '线上没有任何修改。',
  strangers: '线上还有，不属于本项目', stranger: '保持不变', setting: '配置项', config: '项目', recorded: '记录', live: '线上', next: '下一个计划',
  createDeed: '创建', changeDeed: '更改', undecidedDeed: '待决定', keepDeed: '保留', 'take overDeed': '接管', replaceDeed: '替换',
  deleteDeed: '删除', forgetDeed: '移除记录', releaseDeed: '释放', recordDeed: '更新记录', moveDeed: '移动',
  editedAt: '在线修改于 {time}', edited: '被在线修改', deletedOnline: '被在线删除', movesFrom: '从 {address} 移来',
  exists: '它已存在，且不是从这里部署的。use-local 接管并写入差异；use-live 原样接管。',
  'deleted-online': '它被在线删除。use-local 重新创建；use-live 保持删除。',
  'left-and-drifted': '它将被删除，但被在线修改过。use-local 删除；use-live 保留线上资源并移除记录。',
  'replaced-and-drifted': '它将被替换，但现有资源被在线修改过。use-local 替换；use-live 保留现有资源。',
  'edited-since': '自那次应用以来被在线修改过。', covered: '它遵循对 {address} 的决定。',
  unchanged: '无变化', converged: '已趋同', edit: '项目修改', drift: '漂移', conflict: '冲突',
  writes: '写入 {goal}', removes: '移除', asks: '待决定：use-local {local}，use-live 保留 {live}',
  cannotGoBack: '待决定：use-live 保留 {live}；use-local 不可行，请声明一个值', accept: '保留并接受', stays: '不再声明，保持不变',
  agrees: '再次一致，仅更新记录', goes: '随资源一起移除', acceptedRow: '先前已接受，保持不变', ignoredRow: '按规则 {rule} 忽略',
  forces: '需要替换资源', none: '无', never: '从未记录', secret: '机密', secretFrom: '机密，来自 {from}', later: '应用后可知',
  declaredAs: '{observed}，声明为 {declared}', acceptedAs: '{observed}，已接受，声明为 {declared}',
  made: '{count} 项配置', files: '{count} 个代码文件', agree: '{count} 项与声明相同或保持不变', old: '旧资源上的在线修改',
  rest: '所有没有变化的配置项', nothingElse: '没有其他配置项。', page: '查看其页面', loading: '正在加载……',
};

export const t = speaker(ENGLISH, CHINESE);

/** What is said in one language only, for the test that there is nothing. */
export const gaps = () => missing(ENGLISH, CHINESE);
