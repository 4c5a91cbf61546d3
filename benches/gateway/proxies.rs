//! The proxies, each with one worker on one core.

use std::{
    env, fs, io,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    thread,
    time::Duration,
};

use crate::process::Process;

/// How often it is asked whether a proxy listens, and how many times.
const PAUSE: Duration = Duration::from_millis(20);
const TIMES: usize = 250;

#[derive(Debug)]
pub(crate) struct Proxy {
    name: &'static str,
    address: SocketAddr,
    process: Process,
    fresh: f64,
    _files: Files,
}

/// A folder that is gone with this value.
#[derive(Debug)]
struct Files(PathBuf);

impl Drop for Files {
    fn drop(&mut self) {
        // A temporary folder may stay, if need be.
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Proxy {
    /// nginx as people configure it in front of a provider; `None` where it is not installed.
    pub(crate) fn nginx(upstream: SocketAddr, core: Option<&str>) -> io::Result<Option<Self>> {
        if !is_there("nginx", "-v") {
            return Ok(None);
        }
        let (address, files) = (free()?, folder("nginx")?);
        let folder = files.0.display();
        let config = format!(
            "daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
            events {{ worker_connections 4096; }}
            http {{
                access_log off; keepalive_requests 1000000; client_body_temp_path {folder}/body;
                proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/1; uwsgi_temp_path {folder}/2;
                scgi_temp_path {folder}/3;
                upstream provider {{ server {upstream}; keepalive 64; keepalive_requests 1000000; }}
                server {{
                    listen {address};
                    location / {{
                        proxy_pass http://provider; proxy_http_version 1.1;
                        proxy_set_header Connection \"\"; proxy_buffering off;
                    }}
                }}
            }}"
        );
        let path = files.0.join("nginx.conf");
        fs::write(&path, config)?;
        let mut command = pinned(Path::new("nginx"), core);
        command.arg("-p").arg(&files.0).arg("-c").arg(path);
        Self::start("nginx", &mut command, address, files).map(Some)
    }

    pub(crate) fn gateway(
        program: &Path,
        upstream: SocketAddr,
        core: Option<&str>,
    ) -> io::Result<Self> {
        let (address, files) = (free()?, folder("gateway")?);
        let config = format!(
            "[providers.up]\npreset = \"openai\"\nbase = \"http://{upstream}/v1\"\nkey = \"literal:k\"\n\
             [targets.m]\nprovider = \"up\"\nmodel = \"m\"\n\
             [targets.held]\nprovider = \"up\"\nmodel = \"held\"\n\
             [[routes]]\nname = \"one\"\ntargets = [\"m\"]\n\
             [[routes]]\nname = \"two\"\ntargets = [\"held\"]\n"
        );
        let path = files.0.join("gateway.toml");
        fs::write(&path, config)?;
        let mut command = pinned(program, core);
        command.arg("--listen").arg(address.to_string());
        command.arg("--config").arg(path);
        // As nginx has one worker.
        command.env("TOKIO_WORKER_THREADS", "1");
        Self::start("gateway", &mut command, address, files)
    }

    fn start(
        name: &'static str,
        command: &mut Command,
        address: SocketAddr,
        files: Files,
    ) -> io::Result<Self> {
        // A log is written, as in production; nobody reads it.
        let log = fs::File::create(files.0.join("log"))?;
        let process = Process::start(command.stdout(Stdio::null()).stderr(log))?;
        for _ in 0..TIMES {
            if TcpStream::connect(address).is_ok() {
                let fresh = process.memory()?;
                return Ok(Self {
                    name,
                    address,
                    process,
                    fresh,
                    _files: files,
                });
            }
            thread::park_timeout(PAUSE);
        }
        Err(io::Error::other(format!("{name} does not listen")))
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it had in memory before its first call, in MiB.
    pub(crate) const fn fresh_memory(&self) -> f64 {
        self.fresh
    }

    pub(crate) fn memory(&self) -> io::Result<f64> {
        self.process.memory()
    }

    pub(crate) fn cpu(&self) -> io::Result<Duration> {
        self.process.cpu()
    }
}

/// On a core of its own, where one is named: the others are for callers and the upstream.
fn pinned(program: &Path, core: Option<&str>) -> Command {
    let Some(core) = core else {
        return Command::new(program);
    };
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program);
    command
}

fn is_there(program: &str, version: &str) -> bool {
    let mut command = Command::new(program);
    let command = command.arg(version).stdout(Stdio::null());
    command.stderr(Stdio::null()).status().is_ok()
}

/// An address that nobody listens at.
fn free() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

fn folder(name: &str) -> io::Result<Files> {
    let path = env::temp_dir().join(format!("tollgate-{name}-{}", process::id()));
    fs::create_dir_all(&path)?;
    Ok(Files(path))
}
