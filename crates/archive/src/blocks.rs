//! Deflate (RFC 1951) in blocks of one size, by several threads, into the same bytes whatever their number.
//!
//! ```text
//! caller: read, cut ──blocks──▶ threads: deflate, CRC ──▶ caller, in order: hash, write
//! ```
//!
//! Each block is compressed for itself, with the 32 KiB before it as dictionary, and ends at a byte boundary (a sync
//! flush), so the compressed blocks stand one behind the other as one stream. Where a block ends depends on the place in
//! the stream alone: neither the sizes in which the input arrives nor the threads leave a mark.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, Result, anyhow, bail};
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Bytes of a block. Small enough that a few of them fill all threads and little memory, large enough that a dictionary
/// for each costs little.
pub(crate) const BLOCK: usize = 128 << 10;
/// As far back as deflate can point.
const WINDOW: usize = 32 << 10;
/// Written out: what a library calls its default may change. In zlib-rs it is a third of the work less than 6, for an
/// archive one or two percent larger; that is the size which zlib has at 6.
const LEVEL: u32 = 5;
/// More threads than that need more memory than they bring speed.
const MOST_THREADS: usize = 64;
/// Blocks on the way, per thread: so many that no thread waits for a slow file.
const QUEUE: usize = 4;

/// Bytes to be compressed, behind the dictionary.
pub(crate) struct Block {
    bytes: Vec<u8>,
    dictionary: usize,
    last: bool,
}

impl Block {
    /// What is compressed, without the dictionary.
    pub(crate) fn data(&self) -> &[u8] {
        self.bytes.get(self.dictionary..).unwrap_or_default()
    }
}

/// Cuts a stream into blocks. A full block is kept until more comes, so that the last one is known to be the last.
#[derive(Default)]
pub(crate) struct Cutter {
    bytes: Vec<u8>,
    dictionary: usize,
}

impl Cutter {
    /// Takes what fits in the current block; none of it when the block has to be [cut](Cutter::cut) first.
    pub(crate) fn take(&mut self, data: &[u8]) -> usize {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve_exact(WINDOW + BLOCK);
        }
        let room = self.dictionary + BLOCK - self.bytes.len();
        let fits = data.get(..room).unwrap_or(data);
        self.bytes.extend_from_slice(fits);
        fits.len()
    }

    /// The current block, of a stream that goes on.
    pub(crate) fn cut(&mut self) -> Block {
        let mut next = Vec::with_capacity(WINDOW + BLOCK);
        let from = self.bytes.len().saturating_sub(WINDOW);
        next.extend_from_slice(self.bytes.get(from..).unwrap_or_default());
        let dictionary = std::mem::replace(&mut self.dictionary, next.len());
        Block {
            bytes: std::mem::replace(&mut self.bytes, next),
            dictionary,
            last: false,
        }
    }

    /// What is left, and the end of the stream.
    pub(crate) fn end(&mut self) -> Block {
        Block {
            bytes: std::mem::take(&mut self.bytes),
            dictionary: std::mem::take(&mut self.dictionary),
            last: true,
        }
    }
}

/// A block that was compressed.
pub(crate) struct Deflated {
    pub(crate) bytes: Vec<u8>,
    /// Of the bytes before.
    pub(crate) crc: Crc,
}

/// What happens to the compressed blocks, in the order in which they were given.
pub(crate) trait Sink {
    /// What the sink is to know of a block besides.
    type Ticket;
    fn put(&mut self, ticket: Self::Ticket, block: &Block, deflated: Deflated) -> Result<()>;
}

/// How a block is compressed: [`deflate`], but for tests.
pub(crate) type Work = fn(&Block) -> Result<Deflated>;

type Answer = Result<(Arc<Block>, Deflated)>;

struct Job {
    block: Arc<Block>,
    answer: Sender<Answer>,
}

/// The threads, and what is on the way through them.
pub(crate) struct Pool<S: Sink> {
    threads: usize,
    work: Work,
    /// Bytes that were given.
    given: usize,
    jobs: Option<Sender<Job>>,
    workers: Vec<JoinHandle<()>>,
    pending: VecDeque<(S::Ticket, Receiver<Answer>)>,
    sink: S,
}

impl<S: Sink> Pool<S> {
    pub(crate) fn new(threads: usize, sink: S) -> Self {
        Self::with_work(threads, sink, deflate)
    }

    pub(crate) fn with_work(threads: usize, sink: S, work: Work) -> Self {
        Self {
            threads: threads.clamp(1, MOST_THREADS),
            work,
            given: 0,
            jobs: None,
            workers: Vec::new(),
            pending: VecDeque::new(),
            sink,
        }
    }

    /// Whether threads are at work; a small archive does not pay for them.
    pub(crate) fn parallel(&self) -> bool {
        self.threads > 1 && self.given >= BLOCK
    }

    pub(crate) fn give(&mut self, ticket: S::Ticket, block: Arc<Block>) -> Result<()> {
        if self.jobs.is_none() && self.parallel() {
            self.start();
        }
        self.given = self.given.saturating_add(block.data().len());
        let Some(jobs) = &self.jobs else {
            let deflated = (self.work)(&block)?;
            return self.sink.put(ticket, &block, deflated);
        };
        let (answer, receiver) = mpsc::channel();
        if jobs.send(Job { block, answer }).is_err() {
            bail!("all threads that compress have ended; this is a bug");
        }
        self.pending.push_back((ticket, receiver));
        while self.pending.len() > QUEUE * self.threads {
            self.put_oldest()?;
        }
        self.put_ready()
    }

    /// Waits for all blocks and ends the threads: the sink, which has had everything.
    pub(crate) fn finish(&mut self) -> Result<&mut S> {
        while !self.pending.is_empty() {
            self.put_oldest()?;
        }
        self.end();
        Ok(&mut self.sink)
    }

    fn end(&mut self) {
        self.jobs = None;
        for worker in self.workers.drain(..) {
            // What a panic was is in the answer to its block.
            drop(worker.join());
        }
    }

    fn start(&mut self) {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..self.threads {
            let (queue, work) = (Arc::clone(&queue), self.work);
            let worker = thread::Builder::new().spawn(move || serve(&queue, work));
            // A system that has no more threads to give leaves fewer of them, or the caller alone.
            self.workers.extend(worker);
        }
        self.jobs = (!self.workers.is_empty()).then_some(jobs);
    }

    fn put_oldest(&mut self) -> Result<()> {
        let Some((ticket, receiver)) = self.pending.pop_front() else {
            return Ok(());
        };
        let (block, deflated) = receiver.recv().map_err(|_| gone())??;
        self.sink.put(ticket, &block, deflated)
    }

    fn put_ready(&mut self) -> Result<()> {
        while let Some((_, receiver)) = self.pending.front() {
            let (block, deflated) = match receiver.try_recv() {
                Ok(answer) => answer?,
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => return Err(gone()),
            };
            if let Some((ticket, _)) = self.pending.pop_front() {
                self.sink.put(ticket, &block, deflated)?;
            }
        }
        Ok(())
    }
}

fn gone() -> anyhow::Error {
    anyhow!("a thread that compresses ended without an answer; this is a bug")
}

/// No thread outlives the archive, also where an error ends it.
impl<S: Sink> Drop for Pool<S> {
    fn drop(&mut self) {
        self.end();
    }
}

fn serve(queue: &Mutex<Receiver<Job>>, work: Work) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { block, answer }) = next else {
            return;
        };
        let done = catch_unwind(AssertUnwindSafe(|| work(&block)));
        let done = done.unwrap_or_else(|panic| {
            Err(anyhow!(
                "a thread that compresses panicked: {}",
                text(panic.as_ref())
            ))
        });
        // Who asked may have failed meanwhile.
        answer.send(done.map(|deflated| (block, deflated))).ok();
    }
}

/// What a panic said.
fn text(panic: &(dyn Any + Send)) -> &str {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    words
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it did not say why")
}

/// Compresses one block for itself. With a compressor of its own: one that is reset finds matches by what it saw before,
/// and then the bytes would tell which thread had which blocks.
pub(crate) fn deflate(block: &Block) -> Result<Deflated> {
    let (dictionary, data) = block
        .bytes
        .split_at_checked(block.dictionary)
        .context("a block is shorter than its dictionary; this is a bug")?;
    // Raw deflate: the frames of gzip and zip are ours.
    let mut compress = Compress::new(Compression::new(LEVEL), false);
    if !dictionary.is_empty() {
        compress.set_dictionary(dictionary)?;
    }
    let flush = if block.last {
        FlushCompress::Finish
    } else {
        FlushCompress::Sync
    };
    // Incompressible data grows by a few bytes in a thousand.
    let mut bytes = Vec::with_capacity(data.len() + data.len() / 64 + 64);
    loop {
        let taken = usize::try_from(compress.total_in())?;
        let rest = data.get(taken..).unwrap_or_default();
        let status = compress.compress_vec(rest, &mut bytes, flush)?;
        let whole = usize::try_from(compress.total_in())? == data.len();
        // A flush is complete when there was room left behind it.
        match status {
            Status::StreamEnd => break,
            Status::Ok | Status::BufError
                if whole && !block.last && bytes.len() < bytes.capacity() =>
            {
                break;
            }
            Status::Ok | Status::BufError => bytes.reserve(bytes.len().max(1024)),
        }
    }
    let mut crc = Crc::new();
    crc.update(data);
    Ok(Deflated { bytes, crc })
}
