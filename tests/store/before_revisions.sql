BEGIN TRANSACTION;
CREATE TABLE address (
	id TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	next_try TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "address" VALUES('77aa',1,'2024-07-17T04:01:00+00:00');
CREATE TABLE change (
	id INTEGER NOT NULL, 
	workbook TEXT NOT NULL, 
	version_before TEXT, 
	version_after TEXT, 
	seen TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	"table" TEXT NOT NULL, 
	sheet TEXT NOT NULL, 
	row_id TEXT NOT NULL, 
	"row" INTEGER NOT NULL, 
	field TEXT, 
	cell TEXT, 
	"before" TEXT, 
	"after" TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(workbook) REFERENCES workbook (workbook) ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "change" VALUES(1,'teams/市场一部.xlsx','9dbffed1','417030de','2024-08-06T00:00:00','edited','plan','流程优化计划','n6djkq',4,'due','E4','2024-06-30','2024-09-30');
INSERT INTO "change" VALUES(2,'teams/市场一部.xlsx','9dbffed1','417030de','2024-08-06T00:00:00','edited','plan','流程优化计划','rph446',5,'owners','D5','刘经理+设计主管','刘经理');
INSERT INTO "change" VALUES(3,'teams/市场一部.xlsx','9dbffed1','417030de','2024-08-06T00:00:00','edited','message','跨部门协作沟通','jej2hy',4,'topic','A4','活动方案评审','改名');
CREATE TABLE finding (
	id INTEGER NOT NULL, 
	workbook TEXT NOT NULL, 
	code TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	sheet TEXT, 
	cell TEXT, 
	"row" INTEGER, 
	"column" TEXT, 
	params TEXT NOT NULL, 
	value TEXT, 
	fix TEXT, 
	"table" TEXT, 
	row_id TEXT, 
	version_before TEXT, 
	version_after TEXT, 
	seen TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(workbook) REFERENCES workbook (workbook) ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "finding" VALUES(1,'teams/市场一部.xlsx','XF401','warning','流程优化计划','E4',4,'完成时间','{"due": "2024-09-30", "was": "2024-06-30"}','2024-09-30',NULL,'plan','n6djkq','9dbffed1','417030de','2024-08-06T00:00:00');
CREATE TABLE handed_in (
	workbook TEXT NOT NULL, 
	month TEXT NOT NULL, 
	first_seen TEXT NOT NULL, 
	PRIMARY KEY (workbook, month)
);
INSERT INTO "handed_in" VALUES('teams/市场一部.xlsx','2024-07','2024-07-17T00:00:00');
INSERT INTO "handed_in" VALUES('teams/市场一部.xlsx','2024-06','2024-07-17T00:00:00');
CREATE TABLE intent (
	id INTEGER NOT NULL, 
	workbook TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	"after" TEXT NOT NULL, 
	intended_at TEXT NOT NULL, 
	outcome TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "intent" VALUES(1,'teams/市场一部.xlsx','b9b56e9fdc9d506504bc5372112bcc610d701248c5abbecbc128806ea67fea91','7264872cf55a0cff29650071c79096f490809079203f378bbb5cf8e917984c2d','2024-07-17T00:00:00','written');
INSERT INTO "intent" VALUES(2,'teams/市场一部.xlsx','80965a8b53a11469f9b0ed5da7e2fc78e0ca2411cf23bb86917b1bcf41e1f50c','350565b1a7fed92d7af3b061b87696f86b49f48de8194b574d8c9c68398e8614','2024-08-06T00:00:00','written');
INSERT INTO "intent" VALUES(3,'teams/市场一部.xlsx','aaaaaaaa','bbbbbbbb','2024-08-06T00:00:00',NULL);
CREATE TABLE meta (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('form','19307cbda09320b7');
INSERT INTO "meta" VALUES('retained','2026-11-27T22:25:56.509196+00:00');
CREATE TABLE notified (
	workbook TEXT NOT NULL, 
	item TEXT NOT NULL, 
	state TEXT NOT NULL, 
	address TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (workbook, item, state, address)
);
INSERT INTO "notified" VALUES('teams/市场一部.xlsx','n6djkq','overdue 2024-06-30','5f2c','4t576pdd','2024-07-17T04:00:00+00:00');
INSERT INTO "notified" VALUES('teams/市场一部.xlsx','n6djkq','overdue 2024-06-30','','4t576pdd','2024-07-17T04:00:00+00:00');
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	workbook TEXT NOT NULL, 
	item TEXT NOT NULL, 
	state TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	queued_at TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (workbook, item, state)
);
INSERT INTO "outbox" VALUES(2,'teams/市场一部.xlsx','rph446','overdue 2024-07-15','hgfcxvqh','{"kind": "overdue", "sheet": "流程优化计划", "row": 5, "item": "活动执行 · 设计资源响应时间缩短至1天", "owners": ["刘经理"], "due": "2024-07-15"}','2024-07-17T00:00:00');
INSERT INTO "outbox" VALUES(3,'teams/市场一部.xlsx','ac4vp4','overdue 2024-08-05T17:00:00','dp1yw262','{"kind": "overdue", "sheet": "跨部门协作沟通", "row": 5, "item": "线索数据对接 · 市场部 · 销售部", "owners": ["小陈", "李姐"], "due": "2024-08-05T17:00:00"}','2024-08-06T00:00:00');
CREATE TABLE row_campaign (
	workbook TEXT NOT NULL, 
	row_id TEXT NOT NULL, 
	sheet TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	hidden BOOLEAN NOT NULL, 
	name TEXT, 
	metric TEXT, 
	target TEXT, 
	target_unit TEXT, 
	actual TEXT, 
	actual_unit TEXT, 
	cause TEXT, 
	next_step TEXT, 
	direction TEXT, 
	month TEXT, 
	metric_key TEXT, 
	ratio TEXT, 
	verdict TEXT, 
	reason TEXT, 
	merged TEXT NOT NULL, 
	cells TEXT NOT NULL, 
	PRIMARY KEY (workbook, row_id), 
	FOREIGN KEY(workbook) REFERENCES workbook (workbook) ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "row_campaign" VALUES('teams/市场一部.xlsx','76j2d4','活动效果跟踪',4,0,'夏季新品推广','线索量','5000','条','4200','条','渠道投放预算不足,社群触达率低','增加社群运营投入,优化渠道投放比例','越高越好','2024-07','线索量','-0.16','missed',NULL,'[]','{"name":{"at":[4,1],"v":"夏季新品推广"},"metric":{"at":[4,2],"v":"线索量"},"target":{"at":[4,3],"v":"5000条"},"actual":{"at":[4,4],"v":"4200条"},"deviation":{"at":[4,5],"v":null,"format":"+0%;-0%;0%"},"cause":{"at":[4,6],"v":"渠道投放预算不足,社群触达率低"},"next_step":{"at":[4,7],"v":"增加社群运营投入,优化渠道投放比例"},"direction":{"at":[4,8],"v":"越高越好"},"month":{"at":[4,9],"v":"2024-07","format":"@","year":2024},"remarks":{"at":[4,10],"v":null},"record":{"at":[4,11],"v":"xf1 76j2d4 k=bpqzfgd4 deviation=qejwgp"}}');
INSERT INTO "row_campaign" VALUES('teams/市场一部.xlsx','9htg65','活动效果跟踪',5,0,'用户裂变活动','转化率','0.08','%','0.1','%','奖励机制设置合理,用户参与度高','固化奖励机制,应用到后续活动','越高越好','2024-07','转化率','0.25','met',NULL,'[]','{"name":{"at":[5,1],"v":"用户裂变活动"},"metric":{"at":[5,2],"v":"转化率"},"target":{"at":[5,3],"v":["number","0.08"],"format":"0%"},"actual":{"at":[5,4],"v":["number","0.1"],"format":"0%"},"deviation":{"at":[5,5],"v":null,"format":"+0%;-0%;0%"},"cause":{"at":[5,6],"v":"奖励机制设置合理,用户参与度高"},"next_step":{"at":[5,7],"v":"固化奖励机制,应用到后续活动"},"direction":{"at":[5,8],"v":"越高越好"},"month":{"at":[5,9],"v":"2024-07","format":"@","year":2024},"remarks":{"at":[5,10],"v":null},"record":{"at":[5,11],"v":"xf1 9htg65 k=nmr5bk83 deviation=4748bf"}}');
CREATE TABLE row_message (
	workbook TEXT NOT NULL, 
	row_id TEXT NOT NULL, 
	sheet TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	hidden BOOLEAN NOT NULL, 
	topic TEXT, 
	sender TEXT, 
	partners TEXT, 
	owners TEXT, 
	content TEXT, 
	deadline TEXT, 
	channel TEXT, 
	asked_at TEXT, 
	answered_at TEXT, 
	answer_due TEXT, 
	recurring BOOLEAN NOT NULL, 
	judged BOOLEAN NOT NULL, 
	merged TEXT NOT NULL, 
	cells TEXT NOT NULL, 
	PRIMARY KEY (workbook, row_id), 
	FOREIGN KEY(workbook) REFERENCES workbook (workbook) ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "row_message" VALUES('teams/市场一部.xlsx','jej2hy','跨部门协作沟通',4,0,'改名','市场部','销售部、产品部','刘经理','活动目标、预算、渠道选择','24小时','飞书文档评论区留痕','2024-07-08T10:00:00','2024-07-09T09:30:00','2024-07-09T10:00:00',0,1,'[]','{"topic":{"at":[4,1],"v":"改名"},"sender":{"at":[4,2],"v":"市场部","names":["市场部"]},"partners":{"at":[4,3],"v":"销售部、产品部","names":["销售部","产品部"]},"owners":{"at":[4,4],"v":"刘经理","names":["刘经理"]},"content":{"at":[4,5],"v":"活动目标、预算、渠道选择"},"deadline":{"at":[4,6],"v":"24小时"},"channel":{"at":[4,7],"v":"飞书文档评论区留痕"},"asked_at":{"at":[4,8],"v":["moment","2024-07-08T10:00:00"],"format":"yyyy-mm-dd hh:mm"},"answered_at":{"at":[4,9],"v":["moment","2024-07-09T09:30:00"],"format":"yyyy-mm-dd hh:mm"},"late":{"at":[4,10],"v":null},"remarks":{"at":[4,11],"v":null},"record":{"at":[4,12],"v":"xf1 jej2hy k=h1k3wtd9"}}');
INSERT INTO "row_message" VALUES('teams/市场一部.xlsx','ac4vp4','跨部门协作沟通',5,0,'线索数据对接','市场部','销售部','小陈、李姐','线索来源、标签、跟进状态','每日17:00前','CRM系统实时同步','2024-07-16T09:00:00','2024-07-16T16:40:00',NULL,1,1,'[]','{"topic":{"at":[5,1],"v":"线索数据对接"},"sender":{"at":[5,2],"v":"市场部","names":["市场部"]},"partners":{"at":[5,3],"v":"销售部","names":["销售部"]},"owners":{"at":[5,4],"v":"小陈+李姐","names":["小陈","李姐"]},"content":{"at":[5,5],"v":"线索来源、标签、跟进状态"},"deadline":{"at":[5,6],"v":"每日17:00前"},"channel":{"at":[5,7],"v":"CRM系统实时同步"},"asked_at":{"at":[5,8],"v":["moment","2024-07-16T09:00:00"],"format":"yyyy-mm-dd hh:mm"},"answered_at":{"at":[5,9],"v":["moment","2024-07-16T16:40:00"],"format":"yyyy-mm-dd hh:mm"},"late":{"at":[5,10],"v":null},"remarks":{"at":[5,11],"v":null},"record":{"at":[5,12],"v":"xf1 ac4vp4 k=repqmtc7"}}');
CREATE TABLE row_plan (
	workbook TEXT NOT NULL, 
	row_id TEXT NOT NULL, 
	sheet TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	hidden BOOLEAN NOT NULL, 
	stage TEXT, 
	goal TEXT, 
	measures TEXT, 
	owners TEXT, 
	due TEXT, 
	acceptance TEXT, 
	status TEXT, 
	started_on TEXT, 
	done_on TEXT, 
	judged BOOLEAN NOT NULL, 
	merged TEXT NOT NULL, 
	cells TEXT NOT NULL, 
	PRIMARY KEY (workbook, row_id), 
	FOREIGN KEY(workbook) REFERENCES workbook (workbook) ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "row_plan" VALUES('teams/市场一部.xlsx','n6djkq','流程优化计划',4,0,'需求调研','需求文档通过率提升至90%','制定《需求调研模板》,明确必备字段(目标用户、核心KPI)','小张','2024-09-30','后续方案因需求问题修改次数≤1次','进行中','2024-06-03',NULL,1,'[]','{"stage":{"at":[4,1],"v":"需求调研"},"goal":{"at":[4,2],"v":"需求文档通过率提升至90%"},"measures":{"at":[4,3],"v":"制定《需求调研模板》,明确必备字段(目标用户、核心KPI)"},"owners":{"at":[4,4],"v":"小张","names":["小张"]},"due":{"at":[4,5],"v":"2024-09-30","format":"yyyy-mm-dd","year":2024},"acceptance":{"at":[4,6],"v":"后续方案因需求问题修改次数≤1次"},"status":{"at":[4,7],"v":"进行中"},"started_on":{"at":[4,8],"v":["day","2024-06-03"],"format":"yyyy-mm-dd"},"done_on":{"at":[4,9],"v":null,"format":"yyyy-mm-dd"},"late":{"at":[4,10],"v":"逾期16天"},"remarks":{"at":[4,11],"v":"完成时间:2024-06-30(星期日)不是工作日,可改为前一个工作日 2024-06-28 (XF212)"},"record":{"at":[4,12],"v":"xf1 n6djkq k=1cwdvxen"}}');
INSERT INTO "row_plan" VALUES('teams/市场一部.xlsx','rph446','流程优化计划',5,0,'活动执行','设计资源响应时间缩短至1天','建立内部设计资源池,明确设计人员优先级规则','刘经理','2024-07-15','设计需求平均响应时间≤1天','进行中','2024-06-17',NULL,1,'[]','{"stage":{"at":[5,1],"v":"活动执行"},"goal":{"at":[5,2],"v":"设计资源响应时间缩短至1天"},"measures":{"at":[5,3],"v":"建立内部设计资源池,明确设计人员优先级规则"},"owners":{"at":[5,4],"v":"刘经理","names":["刘经理"]},"due":{"at":[5,5],"v":["day","2024-07-15"],"format":"yyyy-mm-dd"},"acceptance":{"at":[5,6],"v":"设计需求平均响应时间≤1天"},"status":{"at":[5,7],"v":"进行中"},"started_on":{"at":[5,8],"v":["day","2024-06-17"],"format":"yyyy-mm-dd"},"done_on":{"at":[5,9],"v":null,"format":"yyyy-mm-dd"},"late":{"at":[5,10],"v":"逾期1天"},"remarks":{"at":[5,11],"v":null},"record":{"at":[5,12],"v":"xf1 rph446 k=788qhyvt"}}');
CREATE TABLE row_problem (
	workbook TEXT NOT NULL, 
	row_id TEXT NOT NULL, 
	sheet TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	hidden BOOLEAN NOT NULL, 
	stage TEXT, 
	owner TEXT, 
	days TEXT, 
	description TEXT, 
	impact TEXT, 
	merged TEXT NOT NULL, 
	cells TEXT NOT NULL, 
	PRIMARY KEY (workbook, row_id), 
	FOREIGN KEY(workbook) REFERENCES workbook (workbook) ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "row_problem" VALUES('teams/市场一部.xlsx','e0st80','流程现状分析',4,0,'需求调研','小张','3','需求文档不清晰,导致方案反复修改','高','[]','{"stage":{"at":[4,1],"v":"需求调研"},"owner":{"at":[4,2],"v":"小张","names":["小张"]},"days":{"at":[4,3],"v":["number","3"]},"description":{"at":[4,4],"v":"需求文档不清晰,导致方案反复修改"},"impact":{"at":[4,5],"v":"高"},"priority":{"at":[4,6],"v":null},"remarks":{"at":[4,7],"v":null},"record":{"at":[4,8],"v":"xf1 e0st80 k=f86hhdvk priority=2xhj97"}}');
INSERT INTO "row_problem" VALUES('teams/市场一部.xlsx','p5t2hm','流程现状分析',5,0,'跨部门评审','刘经理','2','部门反馈不及时,平均延迟1天','中','[]','{"stage":{"at":[5,1],"v":"跨部门评审"},"owner":{"at":[5,2],"v":"刘经理","names":["刘经理"]},"days":{"at":[5,3],"v":["number","2"]},"description":{"at":[5,4],"v":"部门反馈不及时,平均延迟1天"},"impact":{"at":[5,5],"v":"中"},"priority":{"at":[5,6],"v":null},"remarks":{"at":[5,7],"v":null},"record":{"at":[5,8],"v":"xf1 p5t2hm k=e2ppd173 priority=x3y0x7"}}');
INSERT INTO "row_problem" VALUES('teams/市场一部.xlsx','1evchy','流程现状分析',6,0,'活动执行','小陈','10','设计资源依赖外部,响应慢','高','[]','{"stage":{"at":[6,1],"v":"活动执行"},"owner":{"at":[6,2],"v":"小陈","names":["小陈"]},"days":{"at":[6,3],"v":["number","10"]},"description":{"at":[6,4],"v":"设计资源依赖外部,响应慢"},"impact":{"at":[6,5],"v":"高"},"priority":{"at":[6,6],"v":null},"remarks":{"at":[6,7],"v":null},"record":{"at":[6,8],"v":"xf1 1evchy k=11py3zh9 priority=kw5t40"}}');
CREATE TABLE summary (
	month TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	path TEXT NOT NULL, 
	source TEXT NOT NULL, 
	PRIMARY KEY (month)
);
INSERT INTO "summary" VALUES('2024-07','269f7138f8a42617308e2bd7337f01cdabfa0005a034230e1bd4031792c9abec','summaries/汇总-2024-07.xlsx','f6a2e4bce4a24dd5b8411e39cf0f11b03ad59c7beb7b5f0098e15f58280f63b3');
INSERT INTO "summary" VALUES('2024-08','1450e356f51e7462e4dda97f0a5f715a4e8afc09572bfa8717d60ff1784eb0b6','summaries/汇总-2024-08.xlsx','106ac80057e187020326952fba07b78af28589524287602906b46e386cb33e14');
CREATE TABLE version (
	workbook TEXT NOT NULL, 
	id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	seen TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	written_by TEXT NOT NULL, 
	last_modified_by TEXT, 
	months TEXT NOT NULL, 
	PRIMARY KEY (workbook, id)
);
INSERT INTO "version" VALUES('teams/市场一部.xlsx','9dbffed1',1,'2024-07-17T00:00:00','b9b56e9fdc9d506504bc5372112bcc610d701248c5abbecbc128806ea67fea91',55778,'6a47ba501adf96fad97719a56a79e8aa4c949748b99fc62d7abfd10f2378c564','team','xlflow','{"2024-07": "2024-07-17T00:00:00", "2024-06": "2024-07-17T00:00:00"}');
INSERT INTO "version" VALUES('teams/市场一部.xlsx','417030de',2,'2024-08-06T00:00:00','80965a8b53a11469f9b0ed5da7e2fc78e0ca2411cf23bb86917b1bcf41e1f50c',56327,'c4b58338ce987a9b34558265d26bd2df5c8eadddac8ce78af9683b7ebfedb0db','team','xlflow','{"2024-09": null, "2024-07": "2024-08-06T00:00:00"}');
CREATE TABLE workbook (
	workbook TEXT NOT NULL, 
	team TEXT NOT NULL, 
	sha256 TEXT, 
	inputs TEXT, 
	content TEXT, 
	version TEXT, 
	status TEXT NOT NULL, 
	reason TEXT, 
	since TEXT NOT NULL, 
	valid_from TEXT, 
	valid_until TEXT, 
	waiting BOOLEAN NOT NULL, 
	date1904 BOOLEAN NOT NULL, 
	rows INTEGER NOT NULL, 
	findings INTEGER NOT NULL, 
	overdue INTEGER NOT NULL, 
	last_modified_by TEXT, 
	first_seen TEXT NOT NULL, 
	last_seen TEXT NOT NULL, 
	last_good TEXT, 
	PRIMARY KEY (workbook)
);
INSERT INTO "workbook" VALUES('teams/市场一部.xlsx','市场一部','350565b1a7fed92d7af3b061b87696f86b49f48de8194b574d8c9c68398e8614','9feebab3f73a5d4da9e2892db3d523764e8059a2d74c125e260244ff2e0b9f9c','c4b58338ce987a9b34558265d26bd2df5c8eadddac8ce78af9683b7ebfedb0db','417030de','recorded',NULL,'2024-07-17T00:00:00','2024-08-06T00:00:00','2024-08-06T00:00:00',0,0,9,0,2,'xlflow','2024-07-17T00:00:00','2024-08-06T00:00:00','2024-08-06T00:00:00');
INSERT INTO "workbook" VALUES('teams/市场二部.xlsx','市场二部',NULL,'9feebab3f73a5d4da9e2892db3d523764e8059a2d74c125e260244ff2e0b9f9c',NULL,NULL,'unreadable','["other_content", {}]','2024-08-06T00:00:00',NULL,NULL,0,0,0,0,0,NULL,'2024-08-06T00:00:00','2024-08-06T00:00:00',NULL);
CREATE INDEX problem_figures ON row_problem (workbook, impact, days);
CREATE INDEX plan_figures ON row_plan (workbook, due, done_on, started_on, status, judged);
CREATE INDEX message_figures ON row_message (workbook, asked_at, answered_at, answer_due, recurring, judged);
CREATE INDEX campaign_month ON row_campaign (month);
CREATE INDEX ix_finding_workbook ON finding (workbook);
CREATE INDEX ix_change_workbook ON change (workbook);
COMMIT;
