import type { Language } from '../templates.ts';

const language: Language = {
  locale: 'hi-IN',
  footer: 'यह संदेश अपने आप बना है। इसके उत्तर कोई नहीं पढ़ता।',
  signIn: 'साइन इन करें: {portal}',
  words: {
    'appointment-booked': {
      subject: 'अपॉइंटमेंट बुक हुआ',
      text: 'एक अपॉइंटमेंट बुक हुआ है: {start}।',
      inside: '[स्थान: {place}।]',
    },
    'appointment-moved': {
      subject: 'अपॉइंटमेंट का समय बदला',
      text: 'एक अपॉइंटमेंट का समय बदल गया है। नया समय: {start}।[ पहले: {before}।]',
      inside: '[स्थान: {place}।]',
    },
    'appointment-cancelled': {
      subject: 'अपॉइंटमेंट रद्द',
      text: 'यह अपॉइंटमेंट रद्द कर दिया गया है: {start}।',
    },
    'appointment-reminder': {
      subject: 'आपके अपॉइंटमेंट की याद',
      text: 'आपका अपॉइंटमेंट है: {start}।',
      inside: '[स्थान: {place}।]',
    },
    'emergency-raised': {
      subject: 'आपातकालीन कॉल',
      text: 'मदद की एक कॉल आई है। अभी साइन इन करें और टीम भेजें।',
      inside: '[स्थान: {place}।]',
    },
    'emergency-assigned': {
      subject: 'आपातकाल: यह आपको सौंपा गया है',
      text: 'एक आपातकालीन मामला आपको सौंपा गया है। अभी साइन इन करें।',
      inside: '[स्थान: {place}।]',
    },
    'help-coming': { subject: 'मदद आ रही है', text: 'एक टीम आपके पास भेजी गई है। मदद आ रही है।' },
    'result-available': {
      subject: 'एक जाँच परिणाम उपलब्ध है',
      text: 'एक जाँच परिणाम उपलब्ध है। पढ़ने के लिए साइन इन करें।',
      inside: '[{what}।]',
    },
    'result-changed': {
      subject: 'एक जाँच परिणाम सुधारा गया',
      text: 'एक जाँच परिणाम सुधारा या बढ़ाया गया है। पढ़ने के लिए साइन इन करें।',
      inside: '[{what}।]',
    },
    'study-available': {
      subject: 'छवियाँ उपलब्ध हैं',
      text: 'छवियाँ उपलब्ध हैं। देखने के लिए साइन इन करें।',
      inside: '[{what}।]',
    },
    'study-unmatched': {
      subject: 'अज्ञात मरीज़ की छवियाँ',
      text: 'ऐसी छवियाँ आई हैं जिनके बारे में पता नहीं है कि वे किसकी हैं। साइन इन करें और पता करें।',
    },
    'prescription-signed': {
      subject: 'एक पर्ची तैयार है',
      text: 'दवा की एक पर्ची पर हस्ताक्षर हो गए हैं। पढ़ने के लिए साइन इन करें।',
      inside: '[{what}।]',
    },
    'prescription-dispensed': {
      subject: 'एक दवा दी गई',
      text: 'पर्ची पर एक दवा दी गई है। अधिक जानने के लिए साइन इन करें।',
      inside: '[{what}।]',
    },
    'invoice-issued': {
      subject: 'एक बिल उपलब्ध है',
      text: 'एक बिल उपलब्ध है। देखने और भुगतान करने के लिए साइन इन करें।',
      inside: '[राशि: {amount}।]',
    },
    'payment-received': {
      subject: 'भुगतान मिला',
      text: 'हमें आपका भुगतान मिल गया है। धन्यवाद।',
      inside: '[राशि: {amount}।]',
    },
    'payment-refunded': {
      subject: 'भुगतान लौटाया गया',
      text: 'एक भुगतान आपको लौटाया गया है।',
      inside: '[राशि: {amount}।]',
    },
    'claim-decided': {
      subject: 'आपके बीमा का निर्णय',
      text: 'आपकी बीमा कंपनी ने एक दावे पर निर्णय लिया है। अधिक जानने के लिए साइन इन करें।',
      inside: '[आपका हिस्सा: {amount}।]',
    },
    message: { subject: 'आपके लिए एक संदेश है', text: 'आपके लिए एक नया संदेश है। पढ़ने के लिए साइन इन करें।' },
  },
};
export default language;
