#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "controller/cli/commands.h"
#include "lib/base/log.h"

namespace {

constexpr int kBadInput = 6;

using namespace fracas::controller;

void add_seed(CLI::App* command, std::string& seed) {
  command->add_option("--seed", seed, "seed of every random choice: a number, or random; overrides the experiment's")
      ->type_name("N")
      ->check([](const std::string& text) -> std::string {
        const bool number =
            !text.empty() && text.size() < 20 && text.find_first_not_of("0123456789") == std::string::npos;
        return number || text == "random" ? "" : "--seed takes a whole number or random, not \"" + text + "\"";
      });
}

void add_set(CLI::App* command, std::vector<std::string>& overrides) {
  command->add_option("--set", overrides, "override a value: --set workload.rate=100/s; repeatable")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->expected(1);
}

void add_format(CLI::App* command, bool& json) {
  command
      ->add_option_function<std::string>(
          "--format", [&json](const std::string& format) { json = format == "json"; }, "text or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}));
}

void add_check(CLI::App* command, CheckCommand& check) {
  command->add_option("HISTORY", check.history, "a history, - for stdin, or a run's directory")
      ->required()
      ->type_name("");
  command
      ->add_option("--model", check.model,
                   "what the history must look like: as listed by fracas models, or a table FILE.toml")
      ->type_name("MODEL");
  command->add_option("--level", check.level, "what is promised of it (default: the model's first level)")
      ->type_name("LEVEL");
  command->add_option("--fail", check.fail, "what a failed operation means: did-not-happen, or mismatch (it was seen)")
      ->type_name("MEANING")
      ->check(CLI::IsMember({"did-not-happen", "mismatch"}));
  command->add_option("--param", check.parameters, "a parameter of the model: --param initial=0; repeatable")
      ->type_name("NAME=VALUE")
      ->take_all()
      ->expected(1);
  command->add_option("--format", check.format, "the history's format (default: found by its content)")
      ->type_name("FORMAT");
  command->add_option("--svg", check.svg, "write the picture of a violation to this file")->type_name("FILE");
  command->add_option("--threads", check.threads, "keys checked at once (default: as many as there are cores)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command
      ->add_option("--seconds-max", check.seconds_max, "end the search with undecided after so long (default: never)")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--configurations-max", check.configurations_max,
                   "moves in the search of one key (default: 5000000)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command->add_option("--memory-max", check.memory_max_mib, "memory for the search of one key, in MiB (default: 512)")
      ->type_name("MIB")
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--witness", check.witness, "write an order that proves each linearizable key, as JSON lines")
      ->type_name("FILE");
  command->add_flag("--keyed-values", check.keyed_values, "each value is [key value], as of Jepsen's independent keys");
  command->add_flag("--completions-only", check.completions_only, "accept completions that have no invocation");
  command->add_flag("--follow", check.follow,
                    "judge a register's JSON lines while they are written, to the end or the first violation");
  command->add_flag("--json", check.json, "the verdict as JSON");
}

void add_world(CLI::App* command, std::string& world) {
  command->add_option("--world", world, "where it runs, lab, sim or fleet; overrides the experiment's")
      ->type_name("WORLD")
      ->check(CLI::IsMember({"lab", "sim", "fleet"}));
}

void add_fleet(CLI::App* command, std::string& inventory, std::string& credentials) {
  command->add_option("--inventory", inventory, "where hosts are listed: FILE.toml, dns:NAME:PORT, kubernetes:NAMESPACE, command:PROGRAM …")
      ->type_name("WHERE");
  command->add_option("--pki", credentials, "folder of fracas pki (default: $FRACAS_PKI, ~/.config/fracas/pki)")
      ->type_name("DIR");
}

void add_duration(CLI::App* command, const std::string& word, const std::string& what,
                  std::optional<fracas::Duration>& duration) {
  const auto read = [&duration](const std::string& text) {
    const auto parsed = fracas::parse_duration(text);
    if (!parsed) throw CLI::ValidationError(parsed.error().message);
    duration = *parsed;
  };
  command->add_option_function<std::string>(word, read, what)->type_name("DURATION");
}

void add_hunt(CLI::App* words, HuntCommand& hunt) {
  words->add_option("FILE", hunt.file, "experiment (TOML)")->required()->type_name("");
  add_seed(words, hunt.seed);
  add_set(words, hunt.overrides);
  words->add_option("--universes", hunt.universes, "how many at most (default: 1000)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000'000));
  add_duration(words, "--time", "how long at most: 10m", hunt.time);
  words->add_option("--jobs", hunt.jobs, "threads (default: one a processor; of a task: one)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  words->add_option("--violations", hunt.violations, "end after so many (default: 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  words->add_flag("--unguided", hunt.unguided, "only the experiment's own schedule, seed by seed");
  words->add_flag("--shrink", hunt.shrink, "reduce what is caught to the smallest experiment that still fails");
  words->add_option("--out", hunt.out, "folder for what is caught (default: fracas-hunts)")->type_name("DIR");
  words->add_option("--share", hunt.share, "only the seeds of the part I of N: 0/10 to 9/10")
      ->type_name("I/N")
      ->check([](const std::string& text) {
        return part_of(text) ? std::string() : "--share takes I/N, I below N: 2/10, not \"" + text + "\"";
      });
  words->add_option("--record", hunt.record, "write what is found here as JSON instead, and exit 0; - is stdout")
      ->type_name("FILE");
}

// Where the tasks of a hunt run that is divided.
void add_engine(CLI::App* words, HuntCommand& hunt) {
  words->add_option("--engine", hunt.engine, "where it runs: local (default), slurm, kubernetes")
      ->type_name("ENGINE")
      ->check(CLI::IsMember({"local", "slurm", "kubernetes"}));
  words->add_option("--tasks", hunt.tasks, "into how many tasks an engine's hunt is divided (default: 10)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  words->add_option("--image", hunt.image, "kubernetes: the image with fracas as its entry point")->type_name("IMAGE");
  words->add_option("--kube-api", hunt.kube_api, "kubernetes: the API (default: the pod's, or http://127.0.0.1:8001)")
      ->type_name("URL");
  words->add_option("--kube-token", hunt.kube_token, "kubernetes: file of the token to show (default: the pod's)")
      ->type_name("FILE");
  words->add_option("--kube-ca", hunt.kube_ca, "kubernetes: file of the API's authorities (default: the pod's)")
      ->type_name("FILE");
  words->add_option("--kube-namespace", hunt.kube_namespace, "kubernetes: where (default: the pod's, or default)")
      ->type_name("NAME");
}

CLI::App* add(CLI::App& app, const std::string& name, const std::string& what, const std::string& example) {
  CLI::App* command = app.add_subcommand(name, what);
  command->footer("Example:\n  " + example);
  return command;
}

void add_classify(CLI::App* words, ClassifyCommand& classify) {
  words->add_option("SUBJECT", classify.subject, "an experiment (TOML), or a target: raft, quorum, etcd, …")
      ->required()
      ->type_name("");
  add_world(words, classify.world);
  add_seed(words, classify.seed);
  add_set(words, classify.overrides);
  words->add_option("--runs", classify.runs, "of each trial (default: 5 in sim, 1 in the lab)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  words
      ->add_option("--out", classify.out,
                   "folder for runs, classification.md and .json (default: fracas-runs/classify-TIME)")
      ->type_name("DIR");
  add_format(words, classify.json);
}

void add_gate(CLI::App* words, GateCommand& gate) {
  words->add_option("FILE", gate.files, "experiments (TOML)")->required()->type_name("");
  add_world(words, gate.world);
  add_seed(words, gate.seed);
  add_set(words, gate.overrides);
  words->add_option("--baseline", gate.baseline, "hold the runs against this file")->type_name("FILE");
  words->add_option("--write-baseline", gate.write_baseline, "write what was measured")->type_name("FILE");
  words->add_option("--junit", gate.junit, "write JUnit XML")->type_name("FILE");
  words->add_option("--sarif", gate.sarif, "write SARIF 2.1.0")->type_name("FILE");
  words->add_option("--markdown", gate.markdown, "write a table for the job's summary")->type_name("FILE");
  words->add_flag("--annotations", gate.annotations, "print GitHub's workflow commands for what did not pass");
  words->add_option("--runs", gate.runs, "runs of each experiment (default: 3)")
      ->type_name("N")
      ->check(CLI::Range(1, 50));
  words->add_option("--control", gate.control, "runs of each without faults (default: 3)")
      ->type_name("N")
      ->check(CLI::Range(0, 50));
  words->add_option("--retries", gate.retries, "further runs for what is undecided (default: 4)")
      ->type_name("N")
      ->check(CLI::Range(0, 50));
  words->add_option("--alpha", gate.alpha, "how often chance may be called worse (default: 0.05)")
      ->type_name("P")
      ->check(CLI::Range(0.0001, 0.5));
  words->add_option("--tolerance", gate.tolerance, "change of a median that does not matter (default: 0.1)")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 10.0));
  words->add_option("--out", gate.out, "folder for the runs (default: fracas-runs/gate-TIME)")->type_name("DIR");
}

// The subcommands of `pki`: each sets `what`, and takes names where it needs some.
void add_pki(CLI::App* words, PkiCommand& pki) {
  words->require_subcommand(1);
  const auto add_part = [&](const std::string& what, const std::string& doc, const char* names, bool required) {
    CLI::App* part = add(*words, what, doc, "fracas pki " + what + (required ? " db1" : ""));
    part->add_option("--pki", pki.folder, "its folder (default: $FRACAS_PKI, ~/.config/fracas/pki)")->type_name("DIR");
    if (names != nullptr) part->add_option("NAME", pki.names, names)->type_name("")->required(required);
    part->parse_complete_callback([&pki, what] { pki.what = what; });
    return part;
  };
  add_part("init", "make an authority, and a certificate for this controller", nullptr, false)
      ->add_option("--name", pki.name, "what the authority is called (default: fracas fleet)")
      ->type_name("TEXT");
  CLI::App* issue = add_part("issue", "issue certificates: NAME.pem with the key in it", "hosts, or users", true);
  issue->add_flag("--controller", pki.controller, "for users who give orders, not for agents");
  add_duration(issue, "--lifetime", "how long they hold (default: 2160h, 90 days)", pki.lifetime);
  CLI::App* rotate = add_part("rotate", "replace certificates before they expire", "only these", false);
  add_duration(rotate, "--within", "those that expire within (default: 720h, 30 days)", pki.within);
  add_duration(rotate, "--lifetime", "how long the new ones hold (default: 2160h, 90 days)", pki.lifetime);
  add_part("revoke", "declare certificates void, and tell the agents", "hosts, users or serial numbers", true)
      ->add_option("--inventory", pki.inventory, "the agents that are told at once")
      ->type_name("WHERE");
  add_format(add_part("list", "list what has not expired", nullptr, false), pki.json);
}

void add_agent(CLI::App* words, AgentCommand& agent) {
  words->require_subcommand(1);
  const auto add_part = [&](const std::string& what, const std::string& doc) {
    CLI::App* part = add(*words, what, doc, "fracas agent " + what + " --inventory fleet.toml zone=a");
    part->add_option("HOST", agent.hosts, "names or labels of the inventory (default: all)")->type_name("");
    add_fleet(part, agent.inventory, agent.credentials);
    part->parse_complete_callback([&agent, what] { agent.what = what; });
    return part;
  };
  add_format(add_part("list", "ask the agents of a fleet who they are and whether they are ready"), agent.json);
  add_part("drain", "end all faults of hosts and let no more be injected there")
      ->add_flag("--back", agent.back, "take them back");
  CLI::App* install = add(*words, "install", "enrol hosts by ssh: package, certificate, service",
                          "fracas agent install --package fracas-agent_0.1.0_amd64.deb root@db1 >> fleet.toml");
  install->add_option("USER@HOST", agent.hosts, "as ssh takes it")->required()->type_name("");
  install->add_option("--name", agent.name, "of the host (default: the first word of its address)")->type_name("NAME");
  install->add_option("--package", agent.package, "fracas-agent's Debian package (default: it is there already)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  install->add_option("--pki", agent.credentials, "folder of fracas pki (default: $FRACAS_PKI, ~/.config/fracas/pki)")
      ->type_name("DIR");
  install->parse_complete_callback([&agent] { agent.what = "install"; });
}

void add_store(CLI::App* words, std::string& store) {
  words->add_option("--store", store, "PostgreSQL, for several controllers: a URL or libpq's settings (FRACAS_STORE)")
      ->type_name("URL")
      ->envname("FRACAS_STORE");
}

void add_users(CLI::App* words, const ServeCommand& serve, UserCommand& user, int& exit_code) {
  words->require_subcommand(1);
  const auto action = [&](const std::string& name, const std::string& what, UserCommand::Action chosen) {
    CLI::App* command = words->add_subcommand(name, what);
    command->add_option("--state", user.state, "folder of the controller (default: fracas-serve)")->type_name("DIR");
    add_store(command, user.store);
    command->callback([&serve, &user, &exit_code, chosen] {
      user.action = chosen;
      if (user.state.empty()) user.state = serve.state;
      if (user.store.empty()) user.store = serve.store;
      exit_code = user_command(user);
    });
    return command;
  };
  CLI::App* adding = action("add", "add a user, and print their token once", UserCommand::Action::add);
  adding->add_option("NAME", user.name, "who; the common name of their certificate, if they use one")->required();
  adding->add_option("--role", user.role, "viewer, operator, approver or admin")
      ->required()
      ->type_name("ROLE")
      ->check(CLI::IsMember({"viewer", "operator", "approver", "admin"}));
  adding->footer("Example:\n  fracas serve user add alice --role operator");
  CLI::App* removing = action("remove", "refuse them from now on", UserCommand::Action::remove);
  removing->add_option("NAME", user.name, "who")->required();
  action("list", "who may do what", UserCommand::Action::list);
}

void add_serve(CLI::App* words, ServeCommand& serve, UserCommand& user, int& exit_code) {
  words->add_option("--listen", serve.listen, "where (default: 127.0.0.1:7070)")->type_name("ADDRESS:PORT");
  words->add_option("--state", serve.state, "folder of the store and of all runs (default: fracas-serve)")
      ->type_name("DIR");
  add_store(words, serve.store);
  words
      ->add_option("--advertise", serve.advertise,
                   "with --store: the address that other controllers send clients to (default: where it listens)")
      ->type_name("URL");
  words->add_option("--experiments", serve.experiments, "folder of the experiments to offer (default: experiments)")
      ->type_name("DIR");
  words->add_option("--tls-cert", serve.certificate, "certificate chain (PEM); needed beyond this machine")
      ->type_name("FILE");
  words->add_option("--tls-key", serve.key, "its key (PEM)")->type_name("FILE");
  words->add_option("--client-ca", serve.client_ca, "certificates of this authority (PEM) prove who users are")
      ->type_name("FILE");
  add_users(words->add_subcommand("user", "who may use the controller"), serve, user, exit_code);
  words->callback([words, &serve, &exit_code] {
    if (words->get_subcommands().empty()) exit_code = serve_command(serve);
  });
}

void add_server(CLI::App* command, std::string& server) {
  command->add_option("--server", server, "the controller (default: FRACAS_SERVER, or http://127.0.0.1:7070)")
      ->type_name("URL");
}

CLI::App* add_gameday_plan(CLI::App* gameday, GameDayPlanCommand& plan) {
  CLI::App* words = add(*gameday, "plan", "check a plan, and show its next starts, its runs and who must approve",
                        "fracas gameday plan deploy/gamedays/friday-raft.toml --starts 10");
  words->add_option("FILE", plan.file, "the plan (TOML)")->required()->type_name("");
  words->add_option("--experiments", plan.experiments, "folder of the experiments (default: experiments)")
      ->type_name("DIR");
  words->add_option("--starts", plan.starts, "how many of the next starts (default: 5)")
      ->type_name("N")
      ->check(CLI::Range(0, 1000));
  words->add_flag("--submit", plan.submit, "send it to the controller, which starts it once it is approved");
  add_server(words, plan.server);
  add_format(words, plan.json);
  return words;
}

// What people do to game days of a controller.
void add_gameday_actions(CLI::App* gameday, GameDayCommand& command, int& exit_code) {
  struct Verb {
    const char* word;
    const char* action;
    const char* what;
  };
  constexpr Verb kVerbs[] = {{"approve", "approve", "agree to a plan as it is"},
                             {"start", "start", "start it now"},
                             {"stop", "stop", "end it; returns when all its faults are over"},
                             {"note", "notes", "put a note on its timeline"},
                             {"detected", "detected", "note that somebody noticed"},
                             {"mitigated", "mitigated", "note that users are no longer hurt"},
                             {"show", "", "show it, or all"}};
  for (const Verb& verb : kVerbs) {
    CLI::App* words = add(*gameday, verb.word, verb.what, fmt::format("fracas gameday {} friday-raft", verb.word));
    CLI::Option* name = words->add_option("NAME", command.name, "the game day")->type_name("");
    if (*verb.action != 0) name->required();
    const std::string word = verb.word;
    if (word == "note" || word == "detected" || word == "mitigated")
      words->add_option("TEXT", command.text, "what happened")->type_name("")->required(word == "note");
    add_server(words, command.server);
    add_format(words, command.json);
    words->callback([&command, &exit_code, action = verb.action] {
      command.action = action;
      exit_code = gameday_command(command);
    });
  }
}

}  // namespace

int main(int argc, char** argv) {
  fracas::log::start("fracas", fracas::log::Level::warning);
  CLI::App app{"Breaks distributed systems on purpose and proves what survived."};
  app.name("fracas");
  app.set_version_flag("--version", "fracas " FRACAS_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 pass, 1 violated, 2 undecided, 3 vacuous, 4 aborted, 5 could not run, 6 bad input, 7 cleanup "
      "failed.\n"
      "Example:\n  fracas run experiments/raft/partition-majority.toml");
  int exit_code = 0;

  RunCommand run;
  auto* run_words = add(app, "run", "run experiments: inject, heal, check, report",
                        "fracas run experiments/raft/*.toml --seed random --repeat 3");
  run_words->add_option("FILE", run.files, "experiments (TOML)")->required()->type_name("");
  add_world(run_words, run.world);
  add_seed(run_words, run.seed);
  add_set(run_words, run.overrides);
  run_words->add_option("--repeat", run.repeat, "run each this often, with seeds counted up from the first")
      ->type_name("N")
      ->check(CLI::Range(1, 100000));
  run_words->add_option("--out", run.out, "folder for the results (default: fracas-runs/NAME-TIME)")->type_name("DIR");
  run_words->add_flag("--quiet", run.quiet, "no progress, only the summary");
  run_words->add_option("--live", run.live, "write what happens as JSON lines, to a file or a descriptor's number")
      ->type_name("FILE|FD");
  run_words->callback([&] { exit_code = run_command(run); });

  GateCommand gate;
  auto* gate_words = add(app, "gate", "the release gate: experiments several times, judged and held against a baseline",
                         "fracas gate experiments/raft/*.toml --baseline gate.json --junit gate.xml");
  add_gate(gate_words, gate);
  gate_words->callback([&] { exit_code = gate_command(gate); });

  HuntCommand hunt;
  auto* hunt_words =
      add(app, "hunt", "run an experiment in thousands of simulated universes until one violates a check",
          "fracas hunt experiments/raft/kill-leader.toml --universes 10000 --shrink");
  add_hunt(hunt_words, hunt);
  add_engine(hunt_words, hunt);
  hunt_words->callback([&] { exit_code = hunt_command(hunt); });

  ClassifyCommand classify;
  auto* classify_words = add(app, "classify",
                             "put a system through a battery of faults and say what it is: CAP, PACELC, and the "
                             "strongest consistency it keeps",
                             "fracas classify quorum --set target.options.mode=lww --world sim");
  add_classify(classify_words, classify);
  classify_words->callback([&] { exit_code = classify_command(classify); });

  BugsCommand bugs;
  auto* bugs_words = add(app, "bugs", "measure how soon each known bug of the bundled store is found, in simulation",
                         "fracas bugs --lab 3 --sound 10000 > docs/bugs.md");
  bugs_words->add_option("BUG", bugs.names, "only these (default: all)")->type_name("");
  bugs_words->add_flag("--list", bugs.list, "what each bug breaks, what exposes it, and who made it first");
  bugs_words->add_option("--experiments", bugs.experiments, "folder of the experiments (default: experiments)")
      ->type_name("DIR");
  bugs_words->add_option("--hunts", bugs.hunts, "how many for a bug; 0: only what --sound asks for (default: 5)")
      ->type_name("N")
      ->check(CLI::Range(0, 1000));
  bugs_words->add_option("--universes", bugs.universes, "how many at most in a hunt (default: 2000)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000'000));
  add_duration(bugs_words, "--time", "how long a hunt takes at most (default: 10m)", bugs.time);
  add_duration(bugs_words, "--shrink-time",
               "how long shrinking a bug's violation takes at most; 0s: none is (default: 30s)", bugs.shrink_time);
  bugs_words->add_option("--lab", bugs.lab, "how many runs in the lab at most, too (default: none)")->type_name("N");
  add_duration(bugs_words, "--lab-time", "no further run in the lab for a bug after so long (default: 2m)",
               bugs.lab_time);
  bugs_words->add_option("--sound", bugs.sound, "universes without any bug, all of which must pass")->type_name("N");
  bugs_words->add_option("--jobs", bugs.jobs, "threads (default: one a processor)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  bugs_words->callback([&] { exit_code = bugs_command(bugs); });

  PlanCommand plan;
  auto* plan_words = add(app, "plan", "show the timeline with every random choice made; touches nothing",
                         "fracas plan experiments/raft/kill-leader.toml --seed 7 --format json");
  plan_words->add_option("FILE", plan.file, "experiment (TOML)")->required()->type_name("");
  add_world(plan_words, plan.world);
  add_seed(plan_words, plan.seed);
  add_set(plan_words, plan.overrides);
  add_format(plan_words, plan.json);
  plan_words->callback([&] { exit_code = plan_command(plan); });

  ValidateCommand validate;
  auto* validate_words =
      add(app, "validate", "check experiments for mistakes; touches nothing", "fracas validate experiments/*/*.toml");
  validate_words->add_option("FILE", validate.files, "experiments (TOML)")->required()->type_name("");
  add_set(validate_words, validate.overrides);
  validate_words->callback([&] { exit_code = validate_command(validate); });

  std::string schema_of = "experiment";
  auto* schema_words = add(app, "schema", "print the JSON Schema with which editors complete and check",
                           "fracas schema > experiment.schema.json");
  schema_words->add_option("WHAT", schema_of, "experiment, or gameday for the plans of game days")
      ->type_name("")
      ->check(CLI::IsMember({"experiment", "gameday"}));
  schema_words->callback([&] { exit_code = schema_command(schema_of); });

  CheckCommand check;
  auto* check_words = add(app, "check", "judge anybody's history, or a run's directory again",
                          "fracas check history.jsonl --model register");
  add_check(check_words, check);
  check_words->callback([&] { exit_code = check_command(check); });

  ModelsCommand models;
  auto* models_words = add(app, "models", "list what a history can be checked against", "fracas models cas-register");
  models_words->add_option("NAME", models.name, "one model, with its levels and parameters")->type_name("");
  add_format(models_words, models.json);
  models_words->callback([&] { exit_code = models_command(models); });

  CatalogueCommand faults;
  auto* faults_words = add(app, "faults", "list the faults", "fracas faults");
  add_format(faults_words, faults.json);
  faults_words->callback([&] { exit_code = catalogue_command(faults); });

  CatalogueCommand explain;
  auto* explain_words = add(app, "explain", "explain a fault, workload, target or check: every key, unit and range",
                            "fracas explain net.delay");
  explain_words->add_option("KIND", explain.kind, "as listed by fracas faults")->required()->type_name("");
  explain_words->callback([&] { exit_code = catalogue_command(explain); });

  DoctorCommand doctor;
  auto* doctor_words =
      add(app, "doctor", "which fault works on this host, by which mechanism, and what is missing for the others",
          "fracas doctor");
  doctor_words->add_option("HOST", doctor.hosts, "hosts of a fleet, by name or label (default: this one)")
      ->type_name("");
  add_fleet(doctor_words, doctor.inventory, doctor.credentials);
  add_format(doctor_words, doctor.json);
  doctor_words->callback([&] { exit_code = doctor_command(doctor); });

  PkiCommand pki;
  auto* pki_words =
      add(app, "pki", "certificates of a fleet: who may give orders, and who is an agent", "fracas pki init");
  add_pki(pki_words, pki);
  pki_words->callback([&] { exit_code = pki_command(pki); });

  AgentCommand agent;
  auto* agent_words = add(app, "agent", "the agents of a fleet", "fracas agent list --inventory fleet.toml");
  add_agent(agent_words, agent);
  agent_words->callback([&] { exit_code = agent_command(agent); });

  GameDayPlanCommand gameday_plan;
  auto* gameday_words =
      add(app, "gameday", "game days: several experiments on a date, with approvals and a stop button",
          "fracas gameday plan deploy/gamedays/friday-raft.toml");
  gameday_words->require_subcommand(1);
  add_gameday_plan(gameday_words, gameday_plan)->callback([&] { exit_code = gameday_plan_command(gameday_plan); });
  GameDayCommand gameday;
  add_gameday_actions(gameday_words, gameday, exit_code);

  ServeCommand serve;
  UserCommand user;
  add_serve(add(app, "serve", "the controller daemon: HTTP API, runs, users, audit log",
                "fracas serve --listen 127.0.0.1:7070 --state /var/lib/fracas"),
            serve, user, exit_code);

  HealCommand heal;
  auto* heal_words = add(app, "heal", "remove everything that a killed run left behind; idempotent", "fracas heal");
  heal_words->add_flag("--all", heal.all, "also what belongs to runs that are still going on");
  heal_words->callback([&] { exit_code = heal_command(heal); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::fprintf(stderr, "fracas: %s\n", error.what());
    return kBadInput;
  }
  return exit_code;
}
