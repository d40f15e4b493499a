// A SoapySDR device that is not there: it replays an IQ file or a test pattern in real time, with tuning, gains,
// rates and timestamps, and with the faults that real radios have, at the moments that a test chooses.
//
// The file named by the environment variable VIRTUAL_SDR_CONFIG holds one device a line, as key=value pairs with
// commas between. Keys (all but serial may be left out):
//   serial        what the device is found by
//   file          IQ file to replay; file_format cu8, cs16 or cf32; file_rate, file_center
//   pattern       without a file: count (every cs16 sample tells its index), noise, tone
//   tone          frequency of the pattern's tone, from the file's centre; amplitude; noise (rms); dc
//   rates         sample rates that are legal, with ; between
//   native        CU8, CS16 or CF32
//   timestamps    true: hardware time on every buffer
//   ppm           how fast the device's clock is: it takes more samples a second, and tunes higher
//   buffer        samples that arrive at once; queue: buffers that the driver holds before it overflows
//   mtu           most samples in one read
//   latency       seconds between a sample and its arrival; jitter: most seconds added to that at random
//   events        faults, with ; between: overflow@T:N silent@T:N timeout@T:SECONDS stall@T:SECONDS fail@T:0
//                 T is in seconds of signal, N in samples
//   eof           zeros (default), timeout or error
//   plug          path of a file; the device is there while that file is
//   gone          what a device that is unplugged answers: timeout (default) or error
//   epoch         path of a file that keeps when the signal began, so that a device that is replugged is in time
//   log           path of a file that gets a line for everything that is set
//   refuse        text that opening the device fails with
//   gain_unity    gain at which the file is replayed at its own level

#include <SoapySDR/Constants.h>
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Registry.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <mutex>
#include <random>
#include <sstream>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Sample = std::complex<float>;

double seconds(Clock::time_point t) { return std::chrono::duration<double>(t.time_since_epoch()).count(); }

std::vector<std::string> split(const std::string &text, char mark) {
    std::vector<std::string> parts;
    std::stringstream stream(text);
    for (std::string part; std::getline(stream, part, mark);) parts.push_back(part);
    return parts;
}

std::string get(const SoapySDR::Kwargs &config, const std::string &key, const std::string &otherwise = "") {
    const auto found = config.find(key);
    return found == config.end() ? otherwise : found->second;
}

double number(const SoapySDR::Kwargs &config, const std::string &key, double otherwise) {
    const auto text = get(config, key);
    return text.empty() ? otherwise : std::stod(text);
}

bool exists(const std::string &path) { return access(path.c_str(), F_OK) == 0; }

std::vector<SoapySDR::Kwargs> configured() {
    std::vector<SoapySDR::Kwargs> devices;
    const char *path = std::getenv("VIRTUAL_SDR_CONFIG");
    if (!path) return devices;
    std::ifstream stream(path);
    for (std::string line; std::getline(stream, line);)
        if (!line.empty()) devices.push_back(SoapySDR::KwargsFromString(line));
    return devices;
}

bool present(const SoapySDR::Kwargs &config) {
    const auto plug = get(config, "plug");
    return plug.empty() || exists(plug);
}

struct Event {
    std::string kind;
    int64_t at;     // sample
    double amount;  // samples or seconds
};

struct File {
    const uint8_t *data = nullptr;
    size_t bytes = 0;

    explicit File(const std::string &path) {
        if (path.empty()) return;
        const int fd = open(path.c_str(), O_RDONLY);
        struct stat status;
        if (fd < 0 || fstat(fd, &status) != 0) throw std::runtime_error("virtual: cannot open " + path);
        bytes = static_cast<size_t>(status.st_size);
        data = static_cast<const uint8_t *>(mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fd, 0));
        close(fd);
        if (data == MAP_FAILED) throw std::runtime_error("virtual: cannot map " + path);
    }
    ~File() {
        if (data) munmap(const_cast<uint8_t *>(data), bytes);
    }
};

class VirtualSdr : public SoapySDR::Device {
  public:
    explicit VirtualSdr(const SoapySDR::Kwargs &config)
        : config_(config), file_(get(config, "file")), fileFormat_(get(config, "file_format", "cf32")),
          pattern_(get(config, "pattern", "noise")), native_(get(config, "native", "CS16")),
          timestamps_(get(config, "timestamps", "false") == "true"), center_(number(config, "file_center", 437e6)) {
        if (!present(config)) throw std::runtime_error("virtual: no such device");
        if (!get(config, "refuse").empty()) throw std::runtime_error(get(config, "refuse"));
        for (const auto &rate : split(get(config, "rates", "2400000"), ';')) rates_.push_back(std::stod(rate));
        rate_ = rates_.front();
        fileBytes_ = fileBytes();
        fileRate_ = number(config, "file_rate", 0.0);
        tone_ = number(config, "tone", 1000.0);
        amplitude_ = pattern_ == "tone" ? static_cast<float>(number(config, "amplitude", 0.5)) : 0.0F;
        frequency_ = center_;
        gains_ = {{"LNA", 20.0}, {"VGA", 10.0}};
        std::mt19937 random(7);
        std::normal_distribution<float> normal(0.0F, static_cast<float>(number(config, "noise", 0.05) / std::sqrt(2.0)));
        noise_.resize(1 << 18);
        for (auto &sample : noise_) sample = Sample(normal(random), normal(random));
        note("open");
    }
    ~VirtualSdr() override { note("closed"); }

    std::string getDriverKey() const override { return "virtual"; }
    std::string getHardwareKey() const override { return "Virtual SDR"; }
    SoapySDR::Kwargs getHardwareInfo() const override {
        return {{"serial", get(config_, "serial")}, {"firmware", "1.0"}};
    }
    size_t getNumChannels(const int direction) const override { return direction == SOAPY_SDR_RX ? 1 : 0; }

    // --- settings -------------------------------------------------------------------------------------------
    std::vector<std::string> listAntennas(const int, const size_t) const override { return {"RX", "RX2"}; }
    void setAntenna(const int, const size_t, const std::string &name) override {
        antenna_ = name;
        note("antenna " + name);
    }
    std::string getAntenna(const int, const size_t) const override { return antenna_; }
    std::vector<std::string> listGains(const int, const size_t) const override { return {"LNA", "VGA"}; }
    bool hasGainMode(const int, const size_t) const override { return true; }
    void setGainMode(const int, const size_t, const bool automatic) override {
        automatic_ = automatic;
        note(std::string("agc ") + (automatic ? "true" : "false"));
    }
    bool getGainMode(const int, const size_t) const override { return automatic_; }
    using SoapySDR::Device::getGain;
    using SoapySDR::Device::getGainRange;
    using SoapySDR::Device::setGain;
    void setGain(const int, const size_t, const std::string &name, const double value) override {
        const auto range = getGainRange(SOAPY_SDR_RX, 0, name);
        const double step = range.step();
        gains_[name] = std::clamp(std::round(value / step) * step, range.minimum(), range.maximum());
        note("gain " + name + " " + std::to_string(static_cast<int>(gains_[name])));
    }
    double getGain(const int, const size_t, const std::string &name) const override { return gains_.at(name); }
    SoapySDR::Range getGainRange(const int, const size_t, const std::string &name) const override {
        return name == "LNA" ? SoapySDR::Range(0, 40, 1) : SoapySDR::Range(-10, 62, 2);
    }
    void setFrequency(const int, const size_t, const std::string &, const double hz, const SoapySDR::Kwargs &) override {
        frequency_ = std::round(hz);
        note("frequency " + std::to_string(static_cast<int64_t>(frequency_)));
    }
    double getFrequency(const int, const size_t, const std::string &) const override { return frequency_; }
    std::vector<std::string> listFrequencies(const int, const size_t) const override { return {"RF"}; }
    SoapySDR::RangeList getFrequencyRange(const int, const size_t, const std::string &) const override {
        return {SoapySDR::Range(24e6, 1766e6)};
    }
    void setSampleRate(const int, const size_t, const double rate) override {
        if (std::find(rates_.begin(), rates_.end(), rate) == rates_.end()) throw std::runtime_error("illegal rate");
        rate_ = rate;
    }
    double getSampleRate(const int, const size_t) const override { return rate_; }
    SoapySDR::RangeList getSampleRateRange(const int, const size_t) const override {
        SoapySDR::RangeList ranges;
        for (const double rate : rates_) ranges.emplace_back(rate, rate);
        return ranges;
    }
    bool hasHardwareTime(const std::string &) const override { return timestamps_; }
    long long getHardwareTime(const std::string &) const override {
        return timeOf(static_cast<int64_t>((seconds(Clock::now()) - begun_) * airRate()));
    }
    std::vector<std::string> listSensors() const override { return {"temperature"}; }
    std::string readSensor(const std::string &) const override { return "41.5"; }
    SoapySDR::ArgInfoList getSettingInfo() const override {
        SoapySDR::ArgInfo biastee;
        biastee.key = "biastee";
        biastee.value = "false";
        biastee.name = "Bias tee";
        biastee.description = "supply on the antenna connector";
        biastee.type = SoapySDR::ArgInfo::BOOL;
        return {biastee};
    }
    void writeSetting(const std::string &key, const std::string &value) override {
        settings_[key] = value;
        note("setting " + key + " " + value);
    }
    std::string readSetting(const std::string &key) const override { return get(settings_, key, "false"); }

    // --- streaming ------------------------------------------------------------------------------------------
    std::vector<std::string> getStreamFormats(const int, const size_t) const override { return {native_, "CF32"}; }
    std::string getNativeStreamFormat(const int, const size_t, double &fullScale) const override {
        fullScale = native_ == "CU8" ? 128 : native_ == "CS16" ? 32768 : 1;
        return native_;
    }
    SoapySDR::ArgInfoList getStreamArgsInfo(const int, const size_t) const override {
        SoapySDR::ArgInfo buffers;
        buffers.key = "buffers";
        buffers.value = "15";
        buffers.type = SoapySDR::ArgInfo::INT;
        SoapySDR::ArgInfo length = buffers;
        length.key = "bufflen";
        length.value = "16384";
        return {buffers, length};
    }
    SoapySDR::Stream *setupStream(const int, const std::string &format, const std::vector<size_t> &,
                                  const SoapySDR::Kwargs &args) override {
        format_ = format;
        queue_ = static_cast<int64_t>(number(config_, "queue", number(args, "buffers", 15)));
        for (const auto &arg : args) note("stream " + arg.first + " " + arg.second);
        return reinterpret_cast<SoapySDR::Stream *>(this);
    }
    void closeStream(SoapySDR::Stream *) override {}
    size_t getStreamMTU(SoapySDR::Stream *) const override { return static_cast<size_t>(number(config_, "mtu", 16384)); }
    int activateStream(SoapySDR::Stream *, const int, const long long, const size_t) override {
        begun_ = seconds(Clock::now());
        const auto epoch = get(config_, "epoch");
        if (!epoch.empty() && exists(epoch)) {
            std::ifstream(epoch) >> begun_;
        } else if (!epoch.empty()) {
            std::ofstream stream(epoch);
            stream.precision(17);
            stream << begun_;
        }
        next_ = buffers(seconds(Clock::now())) * bufferSamples();
        events_.clear();
        for (const auto &text : split(get(config_, "events"), ';')) {
            const auto at = text.find('@'), colon = text.find(':');
            const int64_t sample = static_cast<int64_t>(std::stod(text.substr(at + 1)) * rate_);
            if (sample >= next_) events_.push_back({text.substr(0, at), sample, std::stod(text.substr(colon + 1))});
        }
        active_ = true;  // last: SoapySDRServer reads in another thread, and before it is told to activate
        return 0;
    }
    int deactivateStream(SoapySDR::Stream *, const int, const long long) override {
        active_ = false;
        return 0;
    }

    int readStream(SoapySDR::Stream *, void *const *buffs, const size_t count, int &flags, long long &timeNs,
                   const long timeoutUs) override {
        flags = 0;
        const double until = seconds(Clock::now()) + static_cast<double>(timeoutUs) * 1e-6;
        if (!active_) {
            sleepUntil(until);
            return SOAPY_SDR_TIMEOUT;
        }
        if (!present(config_)) return gone(until);
        if (!events_.empty() && next_ >= events_.front().at) {
            const Event event = events_.front();
            events_.erase(events_.begin());
            if (event.kind == "fail") return SOAPY_SDR_STREAM_ERROR;
            if (event.kind == "overflow" || event.kind == "silent") next_ += static_cast<int64_t>(event.amount);
            if (event.kind == "overflow") return SOAPY_SDR_OVERFLOW;
            if (event.kind == "stall") held_ = seconds(Clock::now()) + event.amount;
            if (event.kind == "timeout") {
                held_ = seconds(Clock::now()) + event.amount;
                next_ += static_cast<int64_t>(event.amount * rate_);
            }
        }
        const int64_t size = bufferSamples();
        for (;;) {
            const double now = seconds(Clock::now());
            const int64_t there = buffers(now) * size;
            if (there - next_ > queue_ * size) {  // like the RTL-SDR module: the whole queue goes
                next_ = there;
                return SOAPY_SDR_OVERFLOW;
            }
            if (now >= held_ && there > next_) break;
            if (now >= until) return SOAPY_SDR_TIMEOUT;
            const double due = begun_ + static_cast<double>((next_ / size + 1) * size) / airRate() + latency();
            sleepUntil(std::min(until, std::max({due, held_, now + 1e-4})));
        }
        int64_t give = std::min<int64_t>(static_cast<int64_t>(count), static_cast<int64_t>(getStreamMTU(nullptr)));
        give = std::min(give, (next_ / size + 1) * size - next_);
        if (!events_.empty()) give = std::max<int64_t>(1, std::min(give, events_.front().at - next_));
        if (file_.data && next_ >= fileSamples() && get(config_, "eof") == "timeout") return gone(until);
        if (file_.data && next_ >= fileSamples() && get(config_, "eof") == "error") return SOAPY_SDR_STREAM_ERROR;
        fill(buffs[0], give);
        if (timestamps_) flags |= SOAPY_SDR_HAS_TIME;
        timeNs = timestamps_ ? timeOf(next_) : 0;
        next_ += give;
        return static_cast<int>(give);
    }

  private:
    int gone(double until) const {
        if (get(config_, "gone") == "error") return SOAPY_SDR_NOT_SUPPORTED;
        sleepUntil(until);
        return SOAPY_SDR_TIMEOUT;
    }
    static void sleepUntil(double when) {
        const double left = when - seconds(Clock::now());
        if (left > 0) std::this_thread::sleep_for(std::chrono::duration<double>(left));
    }
    double airRate() const { return rate_ * (1.0 + number(config_, "ppm", 0.0) * 1e-6); }
    int64_t bufferSamples() const { return static_cast<int64_t>(number(config_, "buffer", 4096)); }
    double latency() const {
        return number(config_, "latency", 0.0) + number(config_, "jitter", 0.0) * (std::rand() / (RAND_MAX + 1.0));
    }
    int64_t buffers(double now) const {
        const double elapsed = now - begun_ - latency();
        return elapsed <= 0 ? 0 : static_cast<int64_t>(elapsed * airRate()) / bufferSamples();
    }
    long long timeOf(int64_t sample) const {
        return 1000000000LL + static_cast<long long>(static_cast<double>(sample) / rate_ * 1e9);
    }
    size_t fileBytes() const { return fileFormat_ == "cu8" ? 2 : fileFormat_ == "cs16" ? 4 : 8; }
    double fileRate() const { return fileRate_ > 0 ? fileRate_ : rate_; }
    int64_t fileSamples() const {
        return static_cast<int64_t>(static_cast<double>(file_.bytes / fileBytes()) * airRate() / fileRate());
    }
    Sample at(int64_t index) const {
        if (!file_.data) {
            Sample sample = noise_[static_cast<size_t>(index) % noise_.size()];
            if (amplitude_ > 0) {
                const double turns = std::fmod(tone_ * static_cast<double>(index) / rate_, 1.0);
                sample += std::polar(amplitude_, static_cast<float>(turns * 2 * M_PI));
            }
            return sample;
        }
        if (index >= fileSamples()) return Sample(0, 0);
        const auto place = static_cast<size_t>(static_cast<double>(index) * fileRate() / airRate() + 1e-6);
        const uint8_t *p = file_.data + place * fileBytes_;
        if (fileBytes_ == 2) return Sample((p[0] - 127.5F) / 127.5F, (p[1] - 127.5F) / 127.5F);
        if (fileBytes_ == 4) {
            int16_t pair[2];
            std::memcpy(pair, p, sizeof(pair));
            return Sample(pair[0] / 32768.0F, pair[1] / 32768.0F);
        }
        float pair[2];
        std::memcpy(pair, p, sizeof(pair));
        return Sample(pair[0], pair[1]);
    }

    void fill(void *out, int64_t count) {
        if (!file_.data && pattern_ == "count" && format_ == "CS16") {
            auto *pairs = static_cast<int16_t *>(out);
            for (int64_t i = 0; i < count; i++) {
                pairs[2 * i] = static_cast<int16_t>((next_ + i) & 0x7fff);
                pairs[2 * i + 1] = static_cast<int16_t>(((next_ + i) >> 15) & 0x7fff);
            }
            return;
        }
        const double offset = center_ - frequency_ * airRate() / rate_;
        const double level = getGain(SOAPY_SDR_RX, 0) - number(config_, "gain_unity", 30.0);
        const auto factor = static_cast<float>(std::pow(10.0, level / 20.0));
        const auto dc = static_cast<float>(number(config_, "dc", 0.0));
        const Sample step = std::polar(1.0F, static_cast<float>(2 * M_PI * std::fmod(offset / rate_, 1.0)));
        const double turns = std::fmod(offset / rate_ * static_cast<double>(next_), 1.0);
        Sample turn = std::polar(1.0F, static_cast<float>(2 * M_PI * turns));
        for (int64_t i = 0; i < count; i++) {
            Sample sample = at(next_ + i);
            if (offset != 0) {
                sample *= turn;
                turn *= step;
            }
            put(out, i, sample * factor + Sample(dc, 0));
        }
    }
    void put(void *out, int64_t i, Sample sample) const {
        if (format_ == "CF32") {
            static_cast<Sample *>(out)[i] = sample;
        } else if (format_ == "CU8") {
            auto *pair = static_cast<uint8_t *>(out) + 2 * i;
            pair[0] = static_cast<uint8_t>(std::lrintf(std::clamp(sample.real() * 127.5F + 127.5F, 0.0F, 255.0F)));
            pair[1] = static_cast<uint8_t>(std::lrintf(std::clamp(sample.imag() * 127.5F + 127.5F, 0.0F, 255.0F)));
        } else {
            auto *pair = static_cast<int16_t *>(out) + 2 * i;
            pair[0] = static_cast<int16_t>(std::lrintf(std::clamp(sample.real() * 32768.0F, -32768.0F, 32767.0F)));
            pair[1] = static_cast<int16_t>(std::lrintf(std::clamp(sample.imag() * 32768.0F, -32768.0F, 32767.0F)));
        }
    }
    void note(const std::string &line) const {
        const auto path = get(config_, "log");
        if (!path.empty()) std::ofstream(path, std::ios::app) << line << "\n";
    }

    SoapySDR::Kwargs config_;
    File file_;
    std::string fileFormat_, pattern_, native_, format_ = "CF32";
    bool timestamps_;
    double fileRate_ = 0, tone_ = 0;
    float amplitude_ = 0;
    size_t fileBytes_ = 8;
    double center_, frequency_ = 0, rate_ = 0, begun_ = 0, held_ = 0;
    std::atomic<bool> active_{false};
    int64_t next_ = 0, queue_ = 15;
    std::vector<double> rates_;
    std::map<std::string, double> gains_;
    SoapySDR::Kwargs settings_;
    std::string antenna_ = "RX";
    bool automatic_ = true;
    std::vector<Event> events_;
    std::vector<Sample> noise_;
};

SoapySDR::KwargsList findVirtual(const SoapySDR::Kwargs &wanted) {
    SoapySDR::KwargsList found;
    for (const auto &config : configured()) {
        const auto serial = get(config, "serial");
        if (!present(config) || (!get(wanted, "serial").empty() && get(wanted, "serial") != serial)) continue;
        found.push_back({{"serial", serial}, {"label", "Virtual SDR " + serial}});
    }
    return found;
}

SoapySDR::Device *makeVirtual(const SoapySDR::Kwargs &args) {
    for (const auto &config : configured())
        if (get(args, "serial").empty() || get(args, "serial") == get(config, "serial")) return new VirtualSdr(config);
    throw std::runtime_error("virtual: no such device");
}

const SoapySDR::Registry registerVirtual("virtual", &findVirtual, &makeVirtual, SOAPY_SDR_ABI_VERSION);

}  // namespace
