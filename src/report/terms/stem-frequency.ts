/**
 * How common a word is in abstracts: Porter stems by how many of 12,650 arXiv records (titles and abstracts)
 * hold them. Band i holds those found in about one record of 2^(i/2); a stem in none of the
 * bands is in fewer than 30 records.
 */
const BANDS: readonly string[] = [
  '',
  `model`,
  `base`,
  `approach data demonstr gener introduc languag larg method perform propos result show`,
  `achiev challeng dataset effect evalu exist experi framework improv learn limit llm paper present provid
  state studi system task time train work`,
  `accuraci address analysi applic benchmark compar complex comput consist design develop differ effici
  enabl enhanc find high includ inform integr level multi new novel optim problem process real reason
  remain requir scale set specif structur`,
  `adapt advanc agent algorithm align appli architectur art avail baselin capabl case code combin condit
  context critic current detect distribut divers domain dynam extens featur fine function human identifi
  imag interact knowledg leverag mechan multipl natur network observ outperform paramet potenti predict
  qualiti recent reduc represent research robust signific significantli singl sourc space strategi support
  techniqu test text understand world`,
  `abil accur addit allow analyz assess awar behavior captur construct control cost depend deriv direct
  environ error estim experiment explor extract field form gap ground guid highlight implement import
  increas infer input interpret investig kei lead local long low measur metric need neural non number
  object offer open oper order output point practic produc prompt question rate relat reli reliabl repres
  reveal sampl scenario score select semant simul solut standard step strong target term tool transform
  tune type user util valid valu variou visual`,
  `activ aim annot answer approxim attent augment autom automat averag best better build call chang class
  classif close collect commun complet compon comprehens conduct consid constraint content continu
  contribut correct creat cross decis deep defin describ dimension discuss driven embed emerg empir emploi
  encod end ensur establish exampl exhibit extend fail focu follow foundat free fundament futur gain
  global graph higher incorpor indic insight issu label lack layer loss machin maintain map match mean
  memori minim mitig modul multimod obtain pair paradigm particularli pattern pipelin posit power precis
  preserv previou prior promis properti rang reinforc rel relev resourc respons retriev role scalabl
  search self sequenc signal similar simpl size small solv stage substanti success suggest supervis
  systemat theoret theori token tradit typic unifi vision wai weight wide yield`,
  `access action addition adopt altern associ autonom balanc bound bridg caus character common comparison
  competit concept connect constrain contain contrast core correl correspond crucial decod degrad deploy
  detail determin diffus dimens directli distinct document energi engin essenti evid evolv examin execut
  expert explicit express face factor fix focus formal formul found full fulli grain group handl help
  highli impact increasingli independ individu inher initi instruct intellig intern involv iter known
  linear lower main manag methodolog modal nois numer origin particular perspect phase physic plan polici
  possibl post pre principl probabl product progress project prove queri random rank recognit reconstruct
  refer refin reflect region relationship releas report reward risk rule sensit separ share shift shot
  spatial special statist struggl superior synthet tempor trajectori transfer underli updat vari variabl
  variat vector verifi video view`,
  `acceler account advantag adversari affect aggreg analys analyt appear area argu artifici aspect assist
  assum assumpt attack attribut benefit bia boundari built calcul categori central chain characterist
  choic classic classifi clinic cluster cognit coher collabor compress compris concern configur confirm
  contextu convent converg convers coordin coupl cover demand densiti deploi depth descript devic
  differenti difficult difficulti distanc downstream dual earli edg effort equat event evolut expect
  explain explicitli exploit extern facilit failur famili feedback fidel filter final finit flexibl flow
  format frame frequenc geometr goal gpt gradient grow heterogen hierarch hybrid induc influenc inspir
  instanc intens interest interfac larger latent length lightweight linguist literatur logic loop major
  manual mathemat maxim medic mix mode modern motion motiv normal notabl onlin organ orient outcom
  parallel part path person plai platform popular pose prefer pretrain primarili program protocol public
  publicli purpos quantifi quantum realist reduct remark reproduc resolut review rich robot run safeti
  scene scheme segment serv shape short simultan social softwar span spars speech stabil stabl static
  subject suffer surfac synthesi technolog textual track trade transit translat turn uncertainti uniqu
  univers us variant word workflow year`,
  `abl ablat abstract accord act ad adjust alloc amount appropri arbitrari aris articl assign audio avoid
  backbon background bias binari block bottleneck budget calibr candid capac causal certain channel
  compact complementari composit confid consequ consider constant convolut corpu coverag curat decompos
  degre deliv dens diagnost digit discoveri discret distil distinguish domin drive element elimin english
  entir entiti entropi equival exact excel expens extrem fact fast faster feasibl fit forc forward
  frequent fusion game gaussian generaliz geometri give good govern guarante guidanc hallucin hand hard
  hardwar head idea ident identif illustr implicit industri innov intermedi intervent intrins invari isol
  joint jointli judg latenc law light line link llama locat manipul mask mass materi matrix miss modifi
  monitor move multilingu name necessari neg node noisi on overcom overhead overlook partial particip pass
  patient percept period persist perturb popul presenc prevent previous privaci probabilist probe procedur
  proof propag quantit rapid ratio reach recommend record recov redund regim regular remov render replac
  resolv respect restrict retain rigor rout scienc scientif secur sens sensor sentenc sequenti seri servic
  sever smaller smooth spectral speed start stochast stream strength style sub subsequ subset suffici suit
  suitabl surpass survei synthes tackl tailor take technic temperatur thought top topic topolog total
  trace transpar treat tree truth underscor unit unseen usag varieti verif version vlm vulner weak web
  wise`,
  `accept actual agnost agreement algebra ambigu artifact atom attempt author basi basic bayesian bench
  black bodi boost box break broad broader camera carri categor cell center centric check claim clear
  cloud coeffici come commonli compet compos compromis computation concentr conclus conflict consum
  convert costli count creation cue curv custom databas decomposit decoupl decreas definit desir
  determinist diagnosi dialogu discov discrimin diseas diverg easili edit electron emot emphas encourag
  enforc engag ensembl environment equal expand expans explan exponenti expos factual fewer fraction
  frontier fuse gate greater harm health heurist hidden highest hinder histor hold horizon hypothesi
  implic impress inconsist index ineffici infrastructur inject insuffici intent inter intuit invers item
  judgment keep leav littl log magnet magnitud manner margin massiv matter maximum meaning media million
  mixtur mllm mobil modif modular navig nlp nonlinear nuanc occur optic particl past peopl phenomenon
  pixel place primari profil promot pure qualit quantiz rag rais rapidli raw realiz recal receiv recogn
  regress relianc residu right rise safe satisfi schedul semi side situat skill sole specifi spectrum spin
  star store strateg stronger strongli student successfulli summar suppress symbol tend textbf think
  threshold treatment true underexplor uniform unknown unsupervis upper valuabl varianc vehicl virtual
  volum wave`,
  `absenc absolut academ accumul acoust acquir acquisit ag allevi alongsid analog anchor api argument ask
  asymptot attract audit autoencod autoregress back barrier behaviour biolog bit brain branch cach care
  carlo charact charg chines choos clip cnn coars collaps collis color commerci compat complement conceptu
  conclud concret consumpt cooper corpora cot counterpart craft criteria cultur cycl dai deal decai dedic
  deeper deepseek defens deform delai denois detector deviat discrep distort doubl draw drift drop earlier
  easi econom educ efficaci embodi emiss enrich equilibrium equip evolutionari exce exchang fair fall fals
  favor fill financi forecast forget formula fragment gpu great grid growth grpo healthcar heavi heavili
  histori hoc hour hypothes ignor iii impli impos incomplet incorrect incur infinit intend interfer
  internet kernel kind lattic learnabl lexic li librari life likelihood list live load longer look lora
  market markov math matric meet merg messag meta minimum misalign mismatch moder mont movement mutual
  narrow nativ neglect neighbor net neuron norm note notion off offlin opportun orthogon outlin overlap
  page parametr partit patch pathwai pave peak perceiv plausibl polar polynomi pool poor poorli
  predominantli preliminari priorit profession prone proprietari protect prototyp proven prune pseudo
  publish quadrat quantiti rai rare read realiti recoveri recurr repeat request reson retrain return reus
  revers rotat runtim scalar scarciti scatter scope seek setup simplifi slow soft solver sota sound
  speaker split squar steer stem storag strict strongest suboptim sum summari sustain switch symmetri
  synchron syntact taxonomi teacher team theorem throughput traffic transmiss transport trend trigger
  trust trustworthi unclear uncov understood unstructur veloc versu violat vocabulari voic window write
  written`,
  `add aid alter amplifi angl anim anomali arrai asr attain authent auto auxiliari band bandwidth batch
  begin belief believ benefici bidirect bring busi bypass canon caption carefulli cascad catastroph chosen
  circuit claud clean combinatori comment compil complianc complic concurr conform conjectur consensu
  conserv constitut convex covari creativ criterion cut dark date decad decid delta diagnos diagram
  discours disentangl disord dispar displai disrupt divid durat ecosystem electr elicit emb emph empow
  encompass encount entangl ethic exactli except excess excit exclus expertis exposur extent extra faith
  feed file finetun fluctuat flux foster frozen ga galaxi gaug gemini genet genuin github gold grade
  granular graphic guidelin half har held hierarchi hole holist homogen hop hope host ideal imbal
  implicitli importantli inclus increment induct inspect instabl instanti institut instrument integ
  intersect interv intra introduct irrelev keyword know labor landscap largest late later layout led left
  legal len malici manifold mark medium mere mesh metadata metal mimic mine mini molecular moment momentum
  monoton morpholog naiv narr necess neglig neutral newli option orbit orchestr oscil overfit overview
  pairwis parameter pars peer percentag perceptu perfect phenomena plane planner player plug possess
  practition predefin pressur preval price primit privat pro prohibit promin proper proport proxi proxim
  psycholog python quantif quasi qwen radiat recurs reformul regul reject relax remot replic repositori
  resili respond restor revis revisit rgb rigid root round save scan scarc schema scratch screen script
  seamlessli section seed sentiment sft sharp showcas sign signatur simpler simpli singular site smart
  sophist sparsiti spectra speedup splat spread stack stake stand statement strengthen stress strictli
  string subspac subtl super surround suscept symmetr tag teach templat tensor textit textur thermal
  threat todai tractabl tradeoff transcript trivial ultim unexplor unlabel unreli unstabl urban usabl
  utter vast versatil vertic viewpoint visibl vital vote weakli white widespread wireless workload`,
  `absent abund accommod accompani actor adequ adher adjac admit aerial alpha amplitud anatom angular anti
  anticip appar arithmet arm arriv assembl asset asymmetr asymmetri auc axi backward beam becom belong
  benign bert big billion bind biomed blind bootstrap boson brittl burden cancer checkpoint chemic citat
  clarifi clearli client closer cold command commit compani compens compound concis condens confin
  consolid contact contamin contemporari contract correctli corrupt cosmolog counterfactu countri cours
  cumul curriculum curvatur daili debat decentr default deliber demograph descent devis dictionari discard
  disciplin dispers dnn dramat drawn driver earth elev emphasi enterpris entri episod era everydai exceed
  ey facial fashion fault feder financ flat fluid fold footprint forest fourier friendli gamma gather
  gemma gender generalis geograph german googl gradual grammar greatli greedi gui hamiltonian harmon heat
  hundr hyperparamet ill illumin imagenet imageri imit immedi impair imposs impract inadequ inequ infrar
  inherit inner insert interplai interpol intric invert jailbreak justifi kinemat laboratori lai lambda
  laser latest leakag learner lie lift lingual lm logist logit longitudin lose lstm macro mainstream
  mainten manifest manufactur max mechanist mediat member memor mental mention micro mid mind minor mirror
  mislead mistral mlp modest moe molecul mri multivari music nation nearest necessarili necessit
  neighborhood neuro novelti nuclear obscur obstacl occlus occurr ongo ontolog openai operation opinion
  optimis oracl outlier oversight packag passiv patholog percent perplex photon phrase pivot plu polit
  posterior predictor prepar preprocess princip proactiv push put quickli radio radiu randomli ration
  rational reaction realism recip red refram refus regard regulatori relativist repair resist rest reusabl
  revolution rewrit richer road robustli rollout room routin rubric sacrif safeguard satellit satisfact
  satur seamless second sector server session shallow shelf shortcom sim slide slightli solid spatio
  spatiotempor speak speci spheric spike spoken spuriou stationari statu stellar stop straightforward
  substitut suppli surpris surprisingli surrog surviv synergist syntax tabular tail talk tendenc testb
  thousand tier tight toler tradition trainabl trait transmit trap trial triplet try ultra unavail
  uncertain undergo undermin unfortun uniformli unlock unsaf urgent usual vanilla viabl vit websit width
  win worst`,
  `abnorm absorpt accomplish accordingli advoc affin afford agenc aggress agre air anisotrop anomal anonym
  app arab archiv arrang articul asynchron atmospher attach attend auroc automata autonomi avenu ax bank
  bar bear behav beta bilingu biologi bleu blur book bottom brief briefli bright broadli bug bulk cast
  cellular chart chat chatbot chatgpt chip chunk cifar cite citi clariti clinician codebas coexist column
  compel concaten confer confus conjunct continuum contradict contrari convei cosin counter cpu credit
  critiqu crowd crystal damag debug declar declin defect degener deliveri democrat denot dilemma diminish
  disagr discontinu disk displac dpo draft drug dwarf eas easier eigenvalu einstein elabor elast
  electromagnet elementari ellipt emit emul epistem escal euclidean eventu exclud exhaust exploratori
  expon fabric faithfulli fermi fermion flash flaw flip fly fragil freedom french front fuzzi galact gan
  gev gnn gram grammat gravit graviti green happen harder heart hospit hot href huge imped imperfect inabl
  inaccur incent incid indirect indoor ineffect infeas inflat interconnect interleav interview intract
  invalid invas invest invok ion irregular job kinet lab licens linearli liquid listen logarithm lost lot
  lowest luminos mamba marker master mathcal median medicin meticul microscop middl minut misinform
  mission month multidimension mutat nash nearbi nest neurosci occup old onset ood opposit ordinari outer
  par pareto pariti parser parti passag penal penalti permut persona phi physiolog pictur piec pilot
  placement planet plastic portion pragmat preced predic prefix prevail prime prioriti problemat processor
  profici programm prolifer pronounc properli proposit prospect protein provabl quark radial reactiv
  readabl reader readi readili regist registr repetit replai rerank resembl retent rethink ring rlvr rnn
  roughli router row safer salienc salient scaffold scientist secondari seriou shed shell shortcut sight
  sigma similarli simplic skip slice slm societi solar sonnet sort spacetim sphere spontan spot sqrt stai
  stori streamlin strike stylist subgraph subgroup submit subtask superconduct superfici supplement surgic
  swarm synergi telescop tension termin terminolog thank theme thermodynam thesi thin thing thorough
  tightli tissu tomographi toolkit transact transient travel travers tri tripl truli truncat twin uav
  ubiquit underperform underrepres undesir unimod unman unnecessari unpreced vae vanish verbal vertex
  voxel walk wall water waveform wavelength weaker weather wer wild wind wors wrong`,
  `accret actuat administr admiss advent advers advertis aesthet agricultur ahead analogu anatomi antenna
  apart appeal arbitrarili arc arxiv assert assur astrophys attitud auction audienc backpropag batteri bay
  beat blend blue board bond boolean bose breadth breakthrough brought browser buffer bundl burst cap
  carbon cardiac ceil centr chanc chapter characteris chemistri chiral circular circumv claus climat
  closur cohort coincid collid com combat commerc commut companion compliant conflat confound consecut
  constitu consult conveni cool copi cornerston coulomb credibl crisi crop crossov crowdsourc cyber cyclic
  decept deduc deduct deepli defend defici deleg delet depart descriptor desktop destin devot diagon
  dialect dice dilut disambigu disast disjoint dissemin dissip distant disturb divis dna dof dose dot
  drastic drawback dualiti ecolog economi eeg elucid endow entail enter envelop epoch epsilon equilibria
  exacerb exam experienc explos extractor extrapol facet familiar fed film finer fingerprint flag flight
  float floor flop fluenci fluent food foreground frac freeli freez fuel fulfil gene generalist genom
  gestur get giant glass go grasp guardrail guess hamper handcraft hash hate hazard healthi height hilbert
  hing hint hit home icl imbalanc immers inaccess incom incompat indian indistinguish inevit infin
  interdisciplinari interior interoper invis invoc iot isotrop japanes java jet journal justif kalman
  kappa lag lagrangian land leaderboard lengthi lesion letter lexicon lidar lifecycl lifetim lock lrm lvlm
  ma maker matur microscopi migrat mild mistak misus mmlu mnist monocular monolingu monolith moral motor
  mount movi multipli ner neutrino neutron nomin nonparametr notic nowadai nuclei null nvidia occupi ocr
  odd offici offset omega omit omni opaqu oppos organiz outstand overli overthink pace pack packet pai
  paradox paraphras parent partli partner perfectli permit persuas pervas phone phonem phonet photometr
  photorealist phy pick pioneer pitch planar planetari plant plateau plot pointwis portabl ppo prematur
  premis prescrib prescript priori privileg proton psnr puls pursu puzzl qcd qubit questionnair race radar
  radii react recept reconcil recur redshift regret remedi renew renorm reproduct reshap resnet retrospect
  rho rlhf roadmap roberta roll russian sam satisfactori school sensori serial sharpli shock shorter
  silent skeleton sketch skew skin sky slot smartphon snr societ softmax spanish specialist spectroscopi
  specul spend sport sql stakehold standalon station steadi stereotyp stimul stimuli stock strain stratifi
  submiss substrat succe sun superconductor supernova supersymmetr surgeri surveil symptom tau thick
  thoroughli ti timestep tini toi tone toxic traceabl transvers tt tumor tunabl tunnel tweet twitter
  ultrasound unabl unbias unchang unconstrain underpin unexpect unfold unintend union unlearn utilis
  vacuum valenc verbos viabil volatil voltag volumetr vqa want warp wast watermark wearabl welfar whisper
  wider wikipedia wit worker workshop worldwid young zone`,
]

/** How rare a stem in none of the bands is. */
export const RAREST = (BANDS.length + 2) / 2

let bandOf: Map<string, number> | undefined

/** Returns how rare a stem is in abstracts: log2 of records per record that holds it, from 0.5 (`model`) to 10 (all rare words). */
export function rarity(stem: string): number {
  bandOf ??= new Map(BANDS.flatMap((band, i) => band.split(/\s+/).map((word): [string, number] => [word, i])))
  const band = bandOf.get(stem)
  return band === undefined ? RAREST : band / 2
}
