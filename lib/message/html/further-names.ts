/**
 * The named character references of the HTML standard (https://html.spec.whatwg.org/entities.json)
 * that are not decoded here, as data: nearly all of them are mathematical. A link with one of them is
 * left alone. A name that is neither here nor decoded is plain text (`?a=1&mode;`).
 */
export const FURTHER_REFERENCES: ReadonlySet<string> = new Set(
  (
    'Abreve Acy Afr Alpha Amacr And Aogon Aopf ApplyFunction Ascr Assign Backslash Barv Barwed ' +
    'Bcy Because Bernoullis Beta Bfr Bopf Breve Bscr Bumpeq CHcy Cacute Cap CapitalDifferentialD ' +
    'Cayleys Ccaron Ccirc Cconint Cdot Cedilla CenterDot Cfr Chi CircleDot CircleMinus CirclePlus ' +
    'CircleTimes ClockwiseContourIntegral CloseCurlyDoubleQuote CloseCurlyQuote Colon Colone ' +
    'Congruent Conint ContourIntegral Copf Coproduct CounterClockwiseContourIntegral Cross Cscr ' +
    'Cup CupCap DD DDotrahd DJcy DScy DZcy Dagger Darr Dashv Dcaron Dcy Del Delta Dfr ' +
    'DiacriticalAcute DiacriticalDot DiacriticalDoubleAcute DiacriticalTilde Diamond ' +
    'DifferentialD Dopf Dot DotDot DotEqual DoubleContourIntegral DoubleDot DoubleDownArrow ' +
    'DoubleLeftArrow DoubleLeftRightArrow DoubleLeftTee DoubleLongLeftArrow ' +
    'DoubleLongLeftRightArrow DoubleLongRightArrow DoubleRightArrow DoubleRightTee DoubleUpArrow ' +
    'DoubleUpDownArrow DoubleVerticalBar DownArrow DownArrowBar DownArrowUpArrow DownBreve ' +
    'DownLeftRightVector DownLeftTeeVector DownLeftVector DownLeftVectorBar DownRightTeeVector ' +
    'DownRightVector DownRightVectorBar DownTee DownTeeArrow Downarrow Dscr Dstrok ENG Ecaron Ecy ' +
    'Edot Efr Element Emacr EmptySmallSquare EmptyVerySmallSquare Eogon Eopf Epsilon Equal ' +
    'EqualTilde Equilibrium Escr Esim Eta Exists ExponentialE Fcy Ffr FilledSmallSquare ' +
    'FilledVerySmallSquare Fopf ForAll Fouriertrf Fscr GJcy Gamma Gammad Gbreve Gcedil Gcirc Gcy ' +
    'Gdot Gfr Gg Gopf GreaterEqual GreaterEqualLess GreaterFullEqual GreaterGreater GreaterLess ' +
    'GreaterSlantEqual GreaterTilde Gscr Gt HARDcy Hacek Hcirc Hfr HilbertSpace Hopf ' +
    'HorizontalLine Hscr Hstrok HumpDownHump HumpEqual IEcy IJlig IOcy Icy Idot Ifr Im Imacr ' +
    'ImaginaryI Implies Int Integral Intersection InvisibleComma InvisibleTimes Iogon Iopf Iota ' +
    'Iscr Itilde Iukcy Jcirc Jcy Jfr Jopf Jscr Jsercy Jukcy KHcy KJcy Kappa Kcedil Kcy Kfr Kopf ' +
    'Kscr LJcy Lacute Lambda Lang Laplacetrf Larr Lcaron Lcedil Lcy LeftAngleBracket LeftArrow ' +
    'LeftArrowBar LeftArrowRightArrow LeftCeiling LeftDoubleBracket LeftDownTeeVector ' +
    'LeftDownVector LeftDownVectorBar LeftFloor LeftRightArrow LeftRightVector LeftTee ' +
    'LeftTeeArrow LeftTeeVector LeftTriangle LeftTriangleBar LeftTriangleEqual LeftUpDownVector ' +
    'LeftUpTeeVector LeftUpVector LeftUpVectorBar LeftVector LeftVectorBar Leftarrow ' +
    'Leftrightarrow LessEqualGreater LessFullEqual LessGreater LessLess LessSlantEqual LessTilde ' +
    'Lfr Ll Lleftarrow Lmidot LongLeftArrow LongLeftRightArrow LongRightArrow Longleftarrow ' +
    'Longleftrightarrow Longrightarrow Lopf LowerLeftArrow LowerRightArrow Lscr Lsh Lstrok Lt Map ' +
    'Mcy MediumSpace Mellintrf Mfr MinusPlus Mopf Mscr Mu NJcy Nacute Ncaron Ncedil Ncy ' +
    'NegativeMediumSpace NegativeThickSpace NegativeThinSpace NegativeVeryThinSpace ' +
    'NestedGreaterGreater NestedLessLess Nfr NoBreak NonBreakingSpace Nopf Not NotCongruent ' +
    'NotCupCap NotDoubleVerticalBar NotElement NotEqual NotEqualTilde NotExists NotGreater ' +
    'NotGreaterEqual NotGreaterFullEqual NotGreaterGreater NotGreaterLess NotGreaterSlantEqual ' +
    'NotGreaterTilde NotHumpDownHump NotHumpEqual NotLeftTriangle NotLeftTriangleBar ' +
    'NotLeftTriangleEqual NotLess NotLessEqual NotLessGreater NotLessLess NotLessSlantEqual ' +
    'NotLessTilde NotNestedGreaterGreater NotNestedLessLess NotPrecedes NotPrecedesEqual ' +
    'NotPrecedesSlantEqual NotReverseElement NotRightTriangle NotRightTriangleBar ' +
    'NotRightTriangleEqual NotSquareSubset NotSquareSubsetEqual NotSquareSuperset ' +
    'NotSquareSupersetEqual NotSubset NotSubsetEqual NotSucceeds NotSucceedsEqual ' +
    'NotSucceedsSlantEqual NotSucceedsTilde NotSuperset NotSupersetEqual NotTilde NotTildeEqual ' +
    'NotTildeFullEqual NotTildeTilde NotVerticalBar Nscr Nu OElig Ocy Odblac Ofr Omacr Omega ' +
    'Omicron Oopf OpenCurlyDoubleQuote OpenCurlyQuote Or Oscr Otimes OverBar OverBrace ' +
    'OverBracket OverParenthesis PartialD Pcy Pfr Phi Pi PlusMinus Poincareplane Popf Pr Precedes ' +
    'PrecedesEqual PrecedesSlantEqual PrecedesTilde Prime Product Proportion Proportional Pscr ' +
    'Psi Qfr Qopf Qscr RBarr Racute Rang Rarr Rarrtl Rcaron Rcedil Rcy Re ReverseElement ' +
    'ReverseEquilibrium ReverseUpEquilibrium Rfr Rho RightAngleBracket RightArrow RightArrowBar ' +
    'RightArrowLeftArrow RightCeiling RightDoubleBracket RightDownTeeVector RightDownVector ' +
    'RightDownVectorBar RightFloor RightTee RightTeeArrow RightTeeVector RightTriangle ' +
    'RightTriangleBar RightTriangleEqual RightUpDownVector RightUpTeeVector RightUpVector ' +
    'RightUpVectorBar RightVector RightVectorBar Rightarrow Ropf RoundImplies Rrightarrow Rscr ' +
    'Rsh RuleDelayed SHCHcy SHcy SOFTcy Sacute Sc Scaron Scedil Scirc Scy Sfr ShortDownArrow ' +
    'ShortLeftArrow ShortRightArrow ShortUpArrow Sigma SmallCircle Sopf Sqrt Square ' +
    'SquareIntersection SquareSubset SquareSubsetEqual SquareSuperset SquareSupersetEqual ' +
    'SquareUnion Sscr Star Sub Subset SubsetEqual Succeeds SucceedsEqual SucceedsSlantEqual ' +
    'SucceedsTilde SuchThat Sum Sup Superset SupersetEqual Supset TRADE TSHcy TScy Tau Tcaron ' +
    'Tcedil Tcy Tfr Therefore Theta ThickSpace ThinSpace Tilde TildeEqual TildeFullEqual ' +
    'TildeTilde Topf TripleDot Tscr Tstrok Uarr Uarrocir Ubrcy Ubreve Ucy Udblac Ufr Umacr ' +
    'UnderBrace UnderBracket UnderParenthesis Union UnionPlus Uogon Uopf UpArrow UpArrowBar ' +
    'UpArrowDownArrow UpDownArrow UpEquilibrium UpTee UpTeeArrow Uparrow Updownarrow ' +
    'UpperLeftArrow UpperRightArrow Upsi Upsilon Uring Uscr Utilde VDash Vbar Vcy Vdash Vdashl ' +
    'Vee Verbar Vert VerticalBar VerticalSeparator VerticalTilde VeryThinSpace Vfr Vopf Vscr ' +
    'Vvdash Wcirc Wedge Wfr Wopf Wscr Xfr Xi Xopf Xscr YAcy YIcy YUcy Ycirc Ycy Yfr Yopf Yscr ' +
    'Yuml ZHcy Zacute Zcaron Zcy Zdot ZeroWidthSpace Zeta Zfr Zopf Zscr abreve ac acE acd acy af ' +
    'afr alefsym aleph alpha amacr amalg and andand andd andslope andv ang ange angle angmsd ' +
    'angmsdaa angmsdab angmsdac angmsdad angmsdae angmsdaf angmsdag angmsdah angrt angrtvb ' +
    'angrtvbd angsph angst angzarr aogon aopf ap apE apacir ape apid approx approxeq ascr asymp ' +
    'asympeq awconint awint bNot backcong backepsilon backprime backsim backsimeq barvee barwed ' +
    'barwedge bbrk bbrktbrk bcong bcy bdquo becaus because bemptyv bepsi bernou beta beth between ' +
    'bfr bigcap bigcirc bigcup bigodot bigoplus bigotimes bigsqcup bigstar bigtriangledown ' +
    'bigtriangleup biguplus bigvee bigwedge bkarow blacklozenge blacksquare blacktriangle ' +
    'blacktriangledown blacktriangleleft blacktriangleright blank blk12 blk14 blk34 block bne ' +
    'bnequiv bnot bopf bot bottom bowtie boxDL boxDR boxDl boxDr boxH boxHD boxHU boxHd boxHu ' +
    'boxUL boxUR boxUl boxUr boxV boxVH boxVL boxVR boxVh boxVl boxVr boxbox boxdL boxdR boxdl ' +
    'boxdr boxh boxhD boxhU boxhd boxhu boxminus boxplus boxtimes boxuL boxuR boxul boxur boxv ' +
    'boxvH boxvL boxvR boxvh boxvl boxvr bprime breve bscr bsemi bsim bsime bsolb bsolhsub bullet ' +
    'bump bumpE bumpe bumpeq cacute cap capand capbrcup capcap capcup capdot caps caret caron ' +
    'ccaps ccaron ccirc ccups ccupssm cdot cemptyv centerdot cfr chcy check checkmark chi cir ' +
    'cirE circ circeq circlearrowleft circlearrowright circledR circledS circledast circledcirc ' +
    'circleddash cire cirfnint cirmid cirscir clubs clubsuit colone coloneq comp compfn ' +
    'complement complexes cong congdot conint copf coprod copysr crarr cross cscr csub csube csup ' +
    'csupe ctdot cudarrl cudarrr cuepr cuesc cularr cularrp cup cupbrcap cupcap cupcup cupdot ' +
    'cupor cups curarr curarrm curlyeqprec curlyeqsucc curlyvee curlywedge curvearrowleft ' +
    'curvearrowright cuvee cuwed cwconint cwint cylcty dArr dHar dagger daleth darr dashv dbkarow ' +
    'dblac dcaron dcy dd ddagger ddarr ddotseq delta demptyv dfisht dfr dharl dharr diam diamond ' +
    'diamondsuit diams die digamma disin div divideontimes divonx djcy dlcorn dlcrop dopf dot ' +
    'doteq doteqdot dotminus dotplus dotsquare doublebarwedge downarrow downdownarrows ' +
    'downharpoonleft downharpoonright drbkarow drcorn drcrop dscr dscy dsol dstrok dtdot dtri ' +
    'dtrif duarr duhar dwangle dzcy dzigrarr eDDot eDot easter ecaron ecir ecolon ecy edot ee ' +
    'efDot efr eg egs egsdot el elinters ell els elsdot emacr empty emptyset emptyv emsp13 emsp14 ' +
    'eng eogon eopf epar eparsl eplus epsi epsilon epsiv eqcirc eqcolon eqsim eqslantgtr ' +
    'eqslantless equest equiv equivDD eqvparsl erDot erarr escr esdot esim eta exist expectation ' +
    'exponentiale fallingdotseq fcy female ffilig fflig ffllig ffr filig flat fllig fltns fnof ' +
    'fopf forall fork forkv fpartint frac13 frac15 frac16 frac18 frac23 frac25 frac35 frac38 ' +
    'frac45 frac56 frac58 frac78 frasl frown fscr gE gEl gacute gamma gammad gap gbreve gcirc gcy ' +
    'gdot ge gel geq geqq geqslant ges gescc gesdot gesdoto gesdotol gesl gesles gfr gg ggg gimel ' +
    'gjcy gl glE gla glj gnE gnap gnapprox gne gneq gneqq gnsim gopf gscr gsim gsime gsiml gtcc ' +
    'gtcir gtdot gtlPar gtquest gtrapprox gtrarr gtrdot gtreqless gtreqqless gtrless gtrsim ' +
    'gvertneqq gvnE hArr hairsp half hamilt hardcy harr harrcir harrw hbar hcirc hearts heartsuit ' +
    'hercon hfr hksearow hkswarow hoarr homtht hookleftarrow hookrightarrow hopf horbar hscr ' +
    'hslash hstrok hybull ic icy iecy iff ifr ii iiiint iiint iinfin iiota ijlig imacr image ' +
    'imagline imagpart imath imof imped in incare infin infintie inodot int intcal integers ' +
    'intercal intlarhk intprod iocy iogon iopf iota iprod iscr isin isinE isindot isins isinsv ' +
    'isinv it itilde iukcy jcirc jcy jfr jmath jopf jscr jsercy jukcy kappa kappav kcedil kcy kfr ' +
    'kgreen khcy kjcy kopf kscr lAarr lArr lAtail lBarr lE lEg lHar lacute laemptyv lagran lambda ' +
    'lang langd langle lap larr larrb larrbfs larrfs larrhk larrlp larrpl larrsim larrtl lat ' +
    'latail late lates lbarr lbbrk lbrke lbrksld lbrkslu lcaron lcedil lceil lcy ldca ldquor ' +
    'ldrdhar ldrushar ldsh le leftarrow leftarrowtail leftharpoondown leftharpoonup ' +
    'leftleftarrows leftrightarrow leftrightarrows leftrightharpoons leftrightsquigarrow ' +
    'leftthreetimes leg leq leqq leqslant les lescc lesdot lesdoto lesdotor lesg lesges ' +
    'lessapprox lessdot lesseqgtr lesseqqgtr lessgtr lesssim lfisht lfloor lfr lg lgE lhard lharu ' +
    'lharul lhblk ljcy ll llarr llcorner llhard lltri lmidot lmoust lmoustache lnE lnap lnapprox ' +
    'lne lneq lneqq lnsim loang loarr lobrk longleftarrow longleftrightarrow longmapsto ' +
    'longrightarrow looparrowleft looparrowright lopar lopf loplus lotimes lowast loz lozenge ' +
    'lozf lparlt lrarr lrcorner lrhar lrhard lrm lrtri lsaquo lscr lsh lsim lsime lsimg lsquor ' +
    'lstrok ltcc ltcir ltdot lthree ltimes ltlarr ltquest ltrPar ltri ltrie ltrif lurdshar ' +
    'luruhar lvertneqq lvnE mDDot male malt maltese map mapsto mapstodown mapstoleft mapstoup ' +
    'marker mcomma mcy measuredangle mfr mho mid midcir minus minusb minusd minusdu mlcp mldr ' +
    'mnplus models mopf mp mscr mstpos mu multimap mumap nGg nGt nGtv nLeftarrow nLeftrightarrow ' +
    'nLl nLt nLtv nRightarrow nVDash nVdash nabla nacute nang nap napE napid napos napprox natur ' +
    'natural naturals nbump nbumpe ncap ncaron ncedil ncong ncongdot ncup ncy ne neArr nearhk ' +
    'nearr nearrow nedot nequiv nesear nesim nexist nexists nfr ngE nge ngeq ngeqq ngeqslant nges ' +
    'ngsim ngt ngtr nhArr nharr nhpar ni nis nisd niv njcy nlArr nlE nlarr nldr nle nleftarrow ' +
    'nleftrightarrow nleq nleqq nleqslant nles nless nlsim nlt nltri nltrie nmid nopf notin ' +
    'notinE notindot notinva notinvb notinvc notni notniva notnivb notnivc npar nparallel nparsl ' +
    'npart npolint npr nprcue npre nprec npreceq nrArr nrarr nrarrc nrarrw nrightarrow nrtri ' +
    'nrtrie nsc nsccue nsce nscr nshortmid nshortparallel nsim nsime nsimeq nsmid nspar nsqsube ' +
    'nsqsupe nsub nsubE nsube nsubset nsubseteq nsubseteqq nsucc nsucceq nsup nsupE nsupe nsupset ' +
    'nsupseteq nsupseteqq ntgl ntlg ntriangleleft ntrianglelefteq ntriangleright ntrianglerighteq ' +
    'nu numero numsp nvDash nvHarr nvap nvdash nvge nvgt nvinfin nvlArr nvle nvlt nvltrie nvrArr ' +
    'nvrtrie nvsim nwArr nwarhk nwarr nwarrow nwnear oS oast ocir ocy odash odblac odiv odot ' +
    'odsold oelig ofcir ofr ogon ogt ohbar ohm oint olarr olcir olcross oline olt omacr omega ' +
    'omicron omid ominus oopf opar operp oplus or orarr ord order orderof origof oror orslope orv ' +
    'oscr osol otimes otimesas ovbar par parallel parsim parsl part pcy permil perp pertenk pfr ' +
    'phi phiv phmmat phone pi pitchfork piv planck planckh plankv plusacir plusb pluscir plusdo ' +
    'plusdu pluse plussim plustwo pm pointint popf pr prE prap prcue pre prec precapprox ' +
    'preccurlyeq preceq precnapprox precneqq precnsim precsim prime primes prnE prnap prnsim prod ' +
    'profalar profline profsurf prop propto prsim prurel pscr psi puncsp qfr qint qopf qprime ' +
    'qscr quaternions quatint questeq rAarr rArr rAtail rBarr rHar race racute radic raemptyv ' +
    'rang rangd range rangle rarr rarrap rarrb rarrbfs rarrc rarrfs rarrhk rarrlp rarrpl rarrsim ' +
    'rarrtl rarrw ratail ratio rationals rbarr rbbrk rbrke rbrksld rbrkslu rcaron rcedil rceil ' +
    'rcy rdca rdldhar rdquor rdsh real realine realpart reals rect rfisht rfloor rfr rhard rharu ' +
    'rharul rho rhov rightarrow rightarrowtail rightharpoondown rightharpoonup rightleftarrows ' +
    'rightleftharpoons rightrightarrows rightsquigarrow rightthreetimes ring risingdotseq rlarr ' +
    'rlhar rlm rmoust rmoustache rnmid roang roarr robrk ropar ropf roplus rotimes rpargt ' +
    'rppolint rrarr rsaquo rscr rsh rsquor rthree rtimes rtri rtrie rtrif rtriltri ruluhar rx ' +
    'sacute sbquo sc scE scap scaron sccue sce scedil scirc scnE scnap scnsim scpolint scsim scy ' +
    'sdot sdotb sdote seArr searhk searr searrow seswar setminus setmn sext sfr sfrown sharp ' +
    'shchcy shcy shortmid shortparallel sigma sigmaf sigmav sim simdot sime simeq simg simgE siml ' +
    'simlE simne simplus simrarr slarr smallsetminus smashp smeparsl smid smile smt smte smtes ' +
    'softcy solb solbar sopf spades spadesuit spar sqcap sqcaps sqcup sqcups sqsub sqsube ' +
    'sqsubset sqsubseteq sqsup sqsupe sqsupset sqsupseteq squ square squarf squf srarr sscr ' +
    'ssetmn ssmile sstarf star starf straightepsilon straightphi strns sub subE subdot sube ' +
    'subedot submult subnE subne subplus subrarr subset subseteq subseteqq subsetneq subsetneqq ' +
    'subsim subsub subsup succ succapprox succcurlyeq succeq succnapprox succneqq succnsim ' +
    'succsim sum sung sup supE supdot supdsub supe supedot suphsol suphsub suplarr supmult supnE ' +
    'supne supplus supset supseteq supseteqq supsetneq supsetneqq supsim supsub supsup swArr ' +
    'swarhk swarr swarrow swnwar target tau tbrk tcaron tcedil tcy tdot telrec tfr there4 ' +
    'therefore theta thetasym thetav thickapprox thicksim thkap thksim tilde timesb timesbar ' +
    'timesd tint toea top topbot topcir topf topfork tosa tprime triangle triangledown ' +
    'triangleleft trianglelefteq triangleq triangleright trianglerighteq tridot trie triminus ' +
    'triplus trisb tritime trpezium tscr tscy tshcy tstrok twixt twoheadleftarrow ' +
    'twoheadrightarrow uArr uHar uarr ubrcy ubreve ucy udarr udblac udhar ufisht ufr uharl uharr ' +
    'uhblk ulcorn ulcorner ulcrop ultri umacr uogon uopf uparrow updownarrow upharpoonleft ' +
    'upharpoonright uplus upsi upsih upsilon upuparrows urcorn urcorner urcrop uring urtri uscr ' +
    'utdot utilde utri utrif uuarr uwangle vArr vBar vBarv vDash vangrt varepsilon varkappa ' +
    'varnothing varphi varpi varpropto varr varrho varsigma varsubsetneq varsubsetneqq ' +
    'varsupsetneq varsupsetneqq vartheta vartriangleleft vartriangleright vcy vdash vee veebar ' +
    'veeeq vellip vfr vltri vnsub vnsup vopf vprop vrtri vscr vsubnE vsubne vsupnE vsupne vzigzag ' +
    'wcirc wedbar wedge wedgeq weierp wfr wopf wp wr wreath wscr xcap xcirc xcup xdtri xfr xhArr ' +
    'xharr xi xlArr xlarr xmap xnis xodot xopf xoplus xotime xrArr xrarr xscr xsqcup xuplus xutri ' +
    'xvee xwedge yacy ycirc ycy yfr yicy yopf yscr yucy zacute zcaron zcy zdot zeetrf zeta zfr ' +
    'zhcy zigrarr zopf zscr'
  ).split(' '),
);
